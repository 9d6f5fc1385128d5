using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Management.Dashboard.Pages;

/// <summary>Dead letters of a queue, those that one looks for, and what to do with all of them.</summary>
internal static class DeadView
{
    private const int PageSize = 50;

    /// <summary>As many as can be read and compared within a page's 100 ms on a busy machine; the way on is one click, and an order takes all that match.</summary>
    private const int LookAtMost = 1_000;

    public static async Task<Page?> ShowAsync(PageRequest request)
    {
        var queues = (await request.AskAsync(new GetQueues()).ConfigureAwait(false)).Queues;
        var queue = request.Query("queue") ?? queues.Where(static one => one.Dead > 0).OrderByDescending(static one => one.Dead).FirstOrDefault()?.Queue ?? (queues is [var first, ..] ? first.Queue : null);
        if (queue is null)
            return new Page("Dead letters", "dead", new Markup("<h1>Dead letters</h1><p class=\"empty\">No queue is declared.</p>"));

        var filter = FilterFields.Read(request.Query);
        var offset = long.TryParse(request.Query("offset"), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;
        var page = await request.AskAsync(new GetMessages(queue, MessagePlace.Dead, offset, PageSize) { Filter = filter, LookAtMost = LookAtMost }).ConfigureAwait(false);
        return new Page("Dead letters", "dead", Markup.Of(html =>
        {
            html.Add($"<h1>Dead letters</h1>\n{Notices.Write(request)}{Filter(request, queues, queue, filter)}");
            html.Add($"{MessageTables.Write(request, queue, MessagePlace.Dead, page)}{MessageTables.Pager(request, "dead", page, offset, [("queue", queue), .. FilterFields.Of(filter)])}");
            if (request.MayOrder && page.Messages.Count > 0)
                html.Add($"<section aria-labelledby=\"bulk\" class=\"bulk\"><h2 id=\"bulk\">{(filter is null ? "All dead letters of " + queue : "All that match")}</h2><div class=\"orders\">{Bulk(request, "requeue", "Requeue all…", "", queue, filter)}{Bulk(request, "delete", "Delete all…", "danger", queue, filter)}</div></section>");
        }));
    }

    private static Markup Bulk(PageRequest request, string order, string title, string kind, string queue, MessageFilter? filter) =>
        OrderForms.Button(request, order, title, kind, [("queue", queue), ("place", "dead"), ("all", "true"), .. FilterFields.Of(filter)]);

    private static Markup Filter(PageRequest request, IReadOnlyList<QueueReport> queues, string current, MessageFilter? filter) => Markup.Of(html =>
    {
        html.Add($"<form class=\"filter\" method=\"get\" role=\"search\" aria-label=\"Dead letters\" action=\"{request.Link("dead")}\"><label>Queue<select name=\"queue\">");
        foreach (var queue in queues)
            html.Add($"<option value=\"{queue.Queue}\"{(queue.Queue == current ? new Markup(" selected") : Markup.Empty)}>{queue.Queue} ({Words.Of(queue.Dead)})</option>");
        html.Add($"</select></label><label>Actor<input name=\"actorName\" value=\"{filter?.ActorName}\" autocomplete=\"off\"></label><label>Reason or error<input name=\"reason\" value=\"{filter?.Reason}\" autocomplete=\"off\"></label><label>In the arguments<input name=\"text\" value=\"{filter?.Text}\" autocomplete=\"off\"></label><label>Message id<input name=\"messageId\" value=\"{filter?.MessageId}\" autocomplete=\"off\"></label>");
        html.Add($"<div class=\"go\"><button>Search</button>{(filter is null ? Markup.Empty : Markup.Of(one => one.Add($"<a class=\"button quiet\" href=\"{request.Link("dead", ("queue", current))}\">Clear</a>")))}</div></form>\n");
    });
}
