using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Management.Dashboard.Pages;

/// <summary>Dead letters of a queue, those that one looks for, and what to do with all of them.</summary>
internal static class DeadView
{
    private const int PageSize = 50;

    public static async Task<Page?> ShowAsync(PageRequest request)
    {
        var queues = (await request.AskAsync(new GetQueues()).ConfigureAwait(false)).Queues;
        var queue = request.Query("queue") ?? queues.Where(static one => one.Dead > 0).OrderByDescending(static one => one.Dead).FirstOrDefault()?.Queue ?? (queues is [var first, ..] ? first.Queue : null);
        if (queue is null)
            return new Page("Dead letters", "dead", new Markup("<h1>Dead letters</h1><p class=\"empty\">No queue is declared.</p>"));

        var filter = FilterFields.Read(request.Query);
        var offset = long.TryParse(request.Query("offset"), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;
        var page = await request.AskAsync(new GetMessages(queue, MessagePlace.Dead, offset, PageSize) { Filter = filter, LookAtMost = FilterForm.LookAtMost, LookFor = FilterForm.LookFor }).ConfigureAwait(false);
        return new Page("Dead letters", "dead", Markup.Of(html =>
        {
            html.Add($"<h1>Dead letters</h1>\n{Notices.Write(request)}{FilterForm.Write(request, "dead", "Dead letters", MessagePlace.Dead, Choice(queues, queue), filter, request.Link("dead", ("queue", queue)))}");
            html.Add($"{MessageTables.Write(request, queue, MessagePlace.Dead, page)}{MessageTables.Pager(request, "dead", page, offset, [("queue", queue), .. FilterFields.Of(filter)])}");
            if (page.Messages.Count > 0)
                html.Add(FilterForm.Orders(request, queue, MessagePlace.Dead, filter, filter is null ? "All dead letters of " + queue : "All that match"));
        }));
    }

    private static Markup Choice(IReadOnlyList<QueueReport> queues, string current) => Markup.Of(html =>
    {
        html.Add($"<label>Queue<select name=\"queue\">");
        foreach (var queue in queues)
            html.Add($"<option value=\"{queue.Queue}\"{(queue.Queue == current ? new Markup(" selected") : Markup.Empty)}>{queue.Queue} ({Words.Of(queue.Dead)})</option>");
        html.Add($"</select></label>");
    });
}
