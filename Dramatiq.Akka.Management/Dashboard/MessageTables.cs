using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Management.Dashboard;

/// <summary>A page of messages as a table, with what can be ordered for those that are ticked.</summary>
internal static class MessageTables
{
    public static Markup Write(PageRequest request, string queue, MessagePlace place, MessagePage page) => Markup.Of(html =>
    {
        if (page.Messages.Count == 0)
        {
            html.Add($"<p class=\"empty\">{Empty(place, page)}</p>");
            return;
        }

        var orders = request.MayOrder && place is not MessagePlace.InHand;
        if (orders)
            html.Add($"<form method=\"post\" action=\"{request.Link("orders")}\">{request.Site.Forms.Field(request.Context)}{OrderForms.Hidden("queue", queue)}{OrderForms.Hidden("place", Places.NameOf(place))}{OrderForms.Hidden("back", request.Here)}");
        html.Add($"<div class=\"scroll\"><table class=\"messages\"><caption class=\"hidden\">{Places.WordOf(place)} messages of {queue}</caption><thead><tr>");
        if (orders)
            html.Add($"<th class=\"tick\"><label><span class=\"hidden\">All on this page</span><input type=\"checkbox\" data-all hidden></label></th>");
        html.Add($"<th scope=\"col\">Message</th><th scope=\"col\">Actor</th><th scope=\"col\">Arguments</th>{Heads(place)}</tr></thead><tbody>\n");
        foreach (var message in page.Messages)
            Row(html, request, queue, place, message, orders);
        html.Add($"</tbody></table></div>\n");
        if (orders)
            html.Add($"<div class=\"bar\"><span data-count class=\"muted\"></span>{Buttons(place)}</div></form>");
    });

    /// <summary>How far was looked, and the way on.</summary>
    public static Markup Pager(PageRequest request, string path, MessagePage page, long offset, params ReadOnlySpan<(string, string?)> query)
    {
        var first = request.Link(path, query);
        var next = page.NextOffset is { } behind ? request.Link(path, [.. query, ("offset", behind.ToString(System.Globalization.CultureInfo.InvariantCulture))]) : null;
        return Markup.Of(html =>
        {
            html.Add($"<nav class=\"pager\" aria-label=\"Pages\"><p class=\"muted\">");
            if (page.Messages.Count > 0)
                html.Add($"{Words.Count(page.Messages.Count, "message", "messages")} shown");
            if (page.LookedAt > page.Messages.Count || (!page.IsComplete && page.NextOffset is null))
                html.Add($"{(page.Messages.Count > 0 ? "; " : "")}looked at {(offset == 0 ? "the first " : "")}{Words.Count(page.LookedAt, "message", "messages")}");
            if (!page.IsComplete && page.NextOffset is null)
                html.Add($"; this broker can look no further");
            html.Add($"</p><p class=\"links\">");
            if (offset > 0)
                html.Add($"<a class=\"button\" href=\"{first}\">First page</a>");
            if (next is not null)
                html.Add($"<a class=\"button\" rel=\"next\" href=\"{next}\">{(page.Messages.Count == 0 ? "Look further" : "Next page")}</a>");
            html.Add($"</p></nav>\n");
        });
    }

    private static void Row(Html html, PageRequest request, string queue, MessagePlace place, MessageSummary message, bool orders)
    {
        html.Add($"<tr>");
        if (orders)
            html.Add($"<td class=\"tick\"><label><span class=\"hidden\">Select {message.MessageId ?? message.Key}</span><input type=\"checkbox\" name=\"id\" value=\"{message.Key}\"></label></td>");
        html.Add($"<td class=\"id\" data-label=\"Message\"><a class=\"mono\" href=\"{request.MessageLink(queue, place, message.Key)}\" title=\"{message.MessageId ?? message.Key}\">{Short(message.MessageId ?? message.Key)}</a></td>");
        html.Add($"<td data-label=\"Actor\">{(message.ActorName is { } actor ? Markup.Of(one => one.Add($"<span class=\"mono\">{actor}</span>")) : Badges.Of("No message", "bad"))}</td>");
        html.Add($"<td class=\"arguments\" data-label=\"Arguments\"><code>{message.Arguments}</code></td>");
        _ = place switch
        {
            MessagePlace.Delayed => html.Add($"<td class=\"num\" data-label=\"Due\">{Words.Time(message.Due, request.Now)}</td><td class=\"num\" data-label=\"Retries\">{message.Retries}</td>"),
            MessagePlace.Dead => html.Add($"<td class=\"reason\" data-label=\"Reason\">{message.Reason ?? "–"}</td><td class=\"num\" data-label=\"Died\">{Words.Time(message.DiedAt, request.Now)}</td>"),
            _ => html.Add($"<td class=\"num\" data-label=\"Created\">{Words.Time(message.CreatedAt, request.Now)}</td><td class=\"num\" data-label=\"Retries\">{message.Retries}</td>"),
        };
        html.Add($"</tr>\n");
    }

    private static Markup Heads(MessagePlace place) => new(place switch
    {
        MessagePlace.Delayed => "<th scope=\"col\" class=\"num\">Due</th><th scope=\"col\" class=\"num\">Retries</th>",
        MessagePlace.Dead => "<th scope=\"col\">Reason</th><th scope=\"col\" class=\"num\">Died</th>",
        _ => "<th scope=\"col\" class=\"num\">Created</th><th scope=\"col\" class=\"num\">Retries</th>",
    });

    private static Markup Buttons(MessagePlace place) => new(place switch
    {
        MessagePlace.Delayed => "<button name=\"order\" value=\"run-now\" data-ticked>Run now</button><button class=\"danger\" name=\"order\" value=\"delete\" data-ticked>Drop…</button>",
        MessagePlace.Dead => "<button name=\"order\" value=\"requeue\" data-ticked>Requeue</button><button class=\"danger\" name=\"order\" value=\"delete\" data-ticked>Delete…</button>",
        _ => "<button class=\"danger\" name=\"order\" value=\"delete\" data-ticked>Drop…</button>",
    });

    private static string Empty(MessagePlace place, MessagePage page) => page.LookedAt > 0 ? "None of the messages that were looked at match." : place switch
    {
        MessagePlace.Delayed => "No message waits for its time.",
        MessagePlace.InHand => "This process has no message in hand.",
        MessagePlace.Dead => "No dead letters. All is well.",
        _ => "No message waits.",
    };

    /// <summary>Enough to tell one from another; the whole is in the title and behind the link.</summary>
    private static string Short(string id) => id.Length > 13 ? id[..8] + "…" : id;
}
