using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Management.Dashboard.Pages;

/// <summary>Every queue at a glance.</summary>
internal static class OverviewView
{
    public static async Task<Page?> ShowAsync(PageRequest request)
    {
        var queues = (await request.AskAsync(new GetQueues()).ConfigureAwait(false)).Queues;
        var history = await request.AskAsync(new GetHistory()).ConfigureAwait(false);
        return new Page("Overview", "overview", Markup.Of(html =>
        {
            html.Add($"<h1>Overview</h1>\n{Notices.Write(request)}<div id=\"live\">\n{Problem(queues)}");
            html.Add($"<dl class=\"tiles\">{Tile("Waiting", Total.Of(queues, static queue => queue.Ready))}{Tile("Delayed", Total.Of(queues, static queue => queue.Delayed))}{Tile("In flight", Total.InFlight(queues))}{DeadTile(request, Total.Of(queues, static queue => queue.Dead))}");
            html.Add($"{RateTile("Done", queues.Sum(static queue => queue.Traffic.DonePerSecond))}{RateTile("Failed", queues.Sum(static queue => queue.Traffic.FailedPerSecond))}</dl>\n");
            html.Add($"<section aria-labelledby=\"hour\"><h2 id=\"hour\">The last hour in this process</h2>{Charts.Write(history)}</section>\n");
            html.Add($"<section aria-labelledby=\"queues\"><h2 id=\"queues\">Queues</h2>{Queues(request, queues)}</section>\n</div>");
        })) { IsLive = true };
    }

    internal static Markup Tile(string title, Total total) => Markup.Of(html => html.Add($"<div class=\"tile\"><dt>{title}</dt><dd>{Words.Of(total)}</dd></div>"));

    internal static Markup RateTile(string title, double rate) => Markup.Of(html => html.Add($"<div class=\"tile\"><dt>{title}</dt><dd>{Words.PerSecond(rate)}<small>/s</small></dd></div>"));

    internal static Markup DeadTile(PageRequest request, Total dead, string? queue = null) => Markup.Of(html =>
        html.Add($"<div class=\"tile{(dead.Number > 0 ? " bad" : "")}\"><dt>Dead</dt><dd><a href=\"{request.Link("dead", ("queue", queue))}\">{Words.Of(dead)}</a></dd></div>"));

    internal static Markup Problem(IReadOnlyList<QueueReport> queues) => queues.Count > 0 && queues.All(static queue => queue.Problem is not null)
        ? Markup.Of(html => html.Add($"<p class=\"notice bad\" role=\"alert\"><b>The broker does not tell what its queues hold.</b> {queues[0].Problem} Counts come back by themselves.</p>\n"))
        : Markup.Empty;

    private static Markup Queues(PageRequest request, IReadOnlyList<QueueReport> queues) => queues.Count == 0
        ? new Markup("<p class=\"empty\">No queue is declared. Declare an actor with WithDramatiq, and its queue is here.</p>")
        : Markup.Of(html =>
        {
            html.Add($"<div class=\"scroll\"><table class=\"wide\"><thead><tr><th scope=\"col\">Queue</th><th scope=\"col\">State</th><th scope=\"col\" class=\"num\">Waiting</th><th scope=\"col\" class=\"num\">Delayed</th><th scope=\"col\" class=\"num\">In flight</th><th scope=\"col\" class=\"num\">Dead</th><th scope=\"col\" class=\"num\">Oldest</th><th scope=\"col\" class=\"num\">In /s</th><th scope=\"col\" class=\"num\">Done /s</th><th scope=\"col\" class=\"num\">Failed /s</th><th scope=\"col\" class=\"num\">Workers busy</th></tr></thead><tbody>\n");
            foreach (var queue in queues)
            {
                html.Add($"<tr><th scope=\"row\"><a href=\"{request.QueueLink(queue.Queue)}\">{queue.Queue}</a></th><td data-label=\"State\">{Badges.Of(queue)}</td>");
                html.Add($"<td class=\"num\" data-label=\"Waiting\">{Words.Of(queue.Ready)}</td><td class=\"num\" data-label=\"Delayed\">{Words.Of(queue.Delayed)}</td><td class=\"num\" data-label=\"In flight\">{Words.Of(Total.InFlight(queue))}</td>");
                html.Add($"<td class=\"num{(queue.Dead > 0 ? " hot" : "")}\" data-label=\"Dead\">{Words.Of(queue.Dead)}</td><td class=\"num\" data-label=\"Oldest\">{Words.Duration(queue.OldestReadyAgeMs)}</td>");
                html.Add($"<td class=\"num\" data-label=\"In /s\">{Words.PerSecond(queue.Traffic.EnqueuedPerSecond)}</td><td class=\"num\" data-label=\"Done /s\">{Words.PerSecond(queue.Traffic.DonePerSecond)}</td><td class=\"num\" data-label=\"Failed /s\">{Words.PerSecond(queue.Traffic.FailedPerSecond)}</td>");
                html.Add($"<td class=\"num\" data-label=\"Workers busy\">{(queue.Workers is { } pool ? $"{Words.Of(pool.Busy)} of {Words.Of(pool.Workers)}" : "–")}</td></tr>\n");
            }

            html.Add($"</tbody></table></div>");
        });
}
