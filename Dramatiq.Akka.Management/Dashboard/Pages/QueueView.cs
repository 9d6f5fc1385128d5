using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Management.Dashboard.Pages;

/// <summary>One queue, and what is in it.</summary>
internal static class QueueView
{
    private const int PageSize = 50;

    public static async Task<Page?> ShowAsync(PageRequest request)
    {
        var name = (string)request.Context.Request.RouteValues["queue"]!;
        var place = Places.Of(request.Query("place"));
        var offset = long.TryParse(request.Query("offset"), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;
        var filter = FilterFields.Read(request.Query);
        var queue = await request.AskAsync(new GetQueue(name)).ConfigureAwait(false);
        var history = await request.AskAsync(new GetHistory(name)).ConfigureAwait(false);
        var (page, problem) = request.IsPart ? (null, null) : await PageOfAsync(request, new GetMessages(name, place, offset, PageSize) { Filter = filter, LookAtMost = FilterForm.LookAtMost, LookFor = FilterForm.LookFor }).ConfigureAwait(false);
        return new Page(name, "overview", Markup.Of(html =>
        {
            html.Add($"<nav class=\"crumbs\" aria-label=\"Breadcrumb\"><a href=\"{request.Link("")}\">Overview</a></nav><div class=\"head\"><h1>{name}</h1><div class=\"orders\">{OrderForms.Pause(request, queue)}</div></div>\n{Notices.Write(request)}");
            html.Add($"<div id=\"live\"><p class=\"states\">{Badges.Of(queue)}</p>\n");
            if (queue.Problem is { } unknown)
                html.Add($"<p class=\"notice bad\" role=\"alert\"><b>The broker does not tell what this queue holds.</b> {unknown}</p>\n");
            html.Add($"<dl class=\"tiles\">{OverviewView.Tile("Waiting", queue.Ready)}{OverviewView.Tile("Delayed", queue.Delayed)}{OverviewView.Tile("In flight", Total.InFlight(queue))}{OverviewView.DeadTile(request, queue.Dead, name)}");
            html.Add($"<div class=\"tile\"><dt>Oldest</dt><dd>{Words.Duration(queue.OldestReadyAgeMs)}</dd></div>{OverviewView.RateTile("Done", queue.Traffic.DonePerSecond)}</dl>\n{Charts.Write(history)}</div>\n");
            html.Add($"<section aria-labelledby=\"messages\"><h2 id=\"messages\">Messages</h2>{Tabs(request, queue, place)}{Filter(request, name, place, filter)}");
            if (problem is not null)
                html.Add($"<p class=\"notice\">{problem}</p>");
            if (page is not null)
                html.Add($"{MessageTables.Write(request, name, place, page)}{MessageTables.Pager(request, "queues/" + Uri.EscapeDataString(name), page, offset, [("place", Places.NameOf(place)), .. FilterFields.Of(filter)])}{Orders(request, name, place, filter, page)}");
            html.Add($"</section>\n");
        })) { IsLive = true };
    }

    private static async Task<(MessagePage? Page, string? Problem)> PageOfAsync(PageRequest request, GetMessages question)
    {
        try
        {
            return (await request.AskAsync(question).ConfigureAwait(false), null);
        }
        catch (InspectionException refused) when (refused.Failure is InspectionFailure.NotSupported or InspectionFailure.NotConsumedHere or InspectionFailure.BrokerAway)
        {
            return (null, refused.Message);
        }
    }

    private static Markup Tabs(PageRequest request, QueueReport queue, MessagePlace current) => Markup.Of(html =>
    {
        html.Add($"<nav class=\"tabs\" aria-label=\"Where messages are\"><ul>");
        foreach (var place in Places.All)
        {
            long? count = place switch
            {
                MessagePlace.Ready => queue.Ready,
                MessagePlace.Delayed => queue.Delayed,
                MessagePlace.Dead => queue.Dead,
                _ => queue.Consumer?.InFlight,
            };
            html.Add($"<li><a href=\"{request.Link("queues/" + Uri.EscapeDataString(queue.Queue), ("place", Places.NameOf(place)))}#messages\"{Layout.Current(place == current)}>{Places.WordOf(place)} <span class=\"count\">{Words.Of(count)}</span></a></li>");
        }

        html.Add($"</ul></nav>");
    });

    private static Markup Filter(PageRequest request, string queue, MessagePlace place, MessageFilter? filter)
    {
        var path = "queues/" + Uri.EscapeDataString(queue);
        var clear = request.Link(path, ("place", Places.NameOf(place))) + "#messages";
        return FilterForm.Write(request, path + "#messages", $"{Places.WordOf(place)} messages", place, OrderForms.Hidden("place", Places.NameOf(place)), filter, clear);
    }

    private static Markup Orders(PageRequest request, string queue, MessagePlace place, MessageFilter? filter, MessagePage page) =>
        filter is null ? Purge(request, queue, place, page)
        : page.Messages.Count > 0 ? FilterForm.Orders(request, queue, place, filter, "All that match")
        : Markup.Empty;

    private static Markup Purge(PageRequest request, string queue, MessagePlace place, MessagePage page) => place is MessagePlace.InHand || (page.Messages.Count == 0 && page.LookedAt == 0)
        ? Markup.Empty
        : Markup.Of(html => html.Add($"<div class=\"purge\">{OrderForms.Button(request, "purge", place is MessagePlace.Dead ? "Delete all dead letters…" : "Drop everything here…", "danger quiet", ("queue", queue), ("place", Places.NameOf(place)))}<p class=\"muted\">{PurgeNote(place)}</p></div>"));

    private static string PurgeNote(MessagePlace place) => place is MessagePlace.Dead
        ? "Takes all that are there when you confirm, also what died since the count. \"Delete all…\" under Dead letters leaves those."
        : "Takes all that are there when you confirm, also what came since the count.";
}
