using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Management.Dashboard.Pages;

/// <summary>What this process runs, and how its consumers do.</summary>
internal static class WorkersView
{
    public static async Task<Page?> ShowAsync(PageRequest request)
    {
        var pools = (await request.AskAsync(new GetWorkers()).ConfigureAwait(false)).Pools;
        var consumers = (await request.AskAsync(new GetConsumers()).ConfigureAwait(false)).Consumers;
        return new Page("Workers", "workers", Markup.Of(html =>
        {
            html.Add($"<h1>Workers</h1>\n{Notices.Write(request)}<p class=\"lead\">Of this process. Other processes have pages of their own.</p>");
            if (request.MayOrder && pools.Count > 0)
            {
                html.Add($"<div class=\"scales\">");
                foreach (var pool in pools)
                    html.Add($"<div class=\"card\"><h3><a href=\"{request.QueueLink(pool.Queue)}\">{pool.Queue}</a></h3>{OrderForms.Scale(request, pool)}</div>");
                html.Add($"</div>\n");
            }

            html.Add($"<div id=\"live\">");
            if (pools.Count == 0)
                html.Add($"<p class=\"empty\">This process runs no worker: it only sends.</p>");
            foreach (var pool in pools)
                html.Add(Pool(request, pool));
            if (consumers.Count > 0)
                html.Add(Consumers(request, consumers));
            html.Add($"</div>");
        })) { IsLive = true };
    }

    private static Markup Pool(PageRequest request, PoolReport pool) => Markup.Of(html =>
    {
        html.Add($"<section><h2>{pool.Queue}</h2><p class=\"muted\">{Words.Of(pool.Busy)} of {Words.Count(pool.Workers, "worker", "workers")} busy · {Words.Count(pool.Waiting, "message", "messages")} fetched and not started{(pool.Abandoned > 0 ? $" · {Words.Count(pool.Abandoned, "handler", "handlers")} abandoned" : "")}</p>");
        if (pool.Running.Count == 0)
        {
            html.Add($"<p class=\"empty\">All workers are idle.</p></section>\n");
            return;
        }

        html.Add($"<div class=\"scroll\"><table class=\"wide\"><thead><tr><th scope=\"col\">Worker</th><th scope=\"col\">Actor</th><th scope=\"col\">Message</th><th scope=\"col\" class=\"num\">Attempt</th><th scope=\"col\" class=\"num\">Runs for</th></tr></thead><tbody>\n");
        foreach (var worker in pool.Running)
            html.Add($"<tr><th scope=\"row\" class=\"mono\">{worker.Worker} {(worker.IsAbandoned ? Badges.Of("Abandoned", "bad") : worker.IsRetiring ? Badges.Of("Retiring", "warn") : Markup.Empty)}</th><td class=\"mono\" data-label=\"Actor\">{worker.ActorName}</td><td data-label=\"Message\"><a class=\"mono\" href=\"{request.MessageLink(pool.Queue, MessagePlace.InHand, worker.MessageId)}\">{worker.MessageId}</a></td><td class=\"num\" data-label=\"Attempt\">{worker.Attempt}</td><td class=\"num\" data-label=\"Runs for\">{Words.Duration(worker.RunningMs)}</td></tr>\n");
        html.Add($"</tbody></table></div></section>\n");
    });

    private static Markup Consumers(PageRequest request, IReadOnlyList<ConsumerReport> consumers) => Markup.Of(html =>
    {
        html.Add($"<section aria-labelledby=\"consumers\"><h2 id=\"consumers\">Consumers</h2><div class=\"scroll\"><table class=\"wide\"><thead><tr><th scope=\"col\">Queue</th><th scope=\"col\">State</th><th scope=\"col\" class=\"num\">In hand</th><th scope=\"col\" class=\"num\">Prefetch</th><th scope=\"col\" class=\"num\">Reconnects</th><th scope=\"col\">Last problem</th></tr></thead><tbody>\n");
        foreach (var consumer in consumers)
            html.Add($"<tr><th scope=\"row\">{consumer.Queue}</th><td data-label=\"State\">{Badges.Of(consumer.State)}</td><td class=\"num\" data-label=\"In hand\">{Words.Of(consumer.InFlight)}</td><td class=\"num\" data-label=\"Prefetch\">{Words.Of(consumer.Prefetch)}</td><td class=\"num\" data-label=\"Reconnects\">{Words.Of(consumer.Reconnects)}</td><td class=\"reason\" data-label=\"Last problem\">{Problem(request, consumer)}</td></tr>\n");
        html.Add($"</tbody></table></div></section>\n");
    });

    private static Markup Problem(PageRequest request, ConsumerReport consumer) => consumer.LastProblem is not { } problem
        ? new Markup("–")
        : Markup.Of(html => html.Add($"{problem} <span class=\"muted\">{Words.Time(consumer.LastProblemAt, request.Now)}</span>"));
}
