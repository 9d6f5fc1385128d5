using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Management.Dashboard.Pages;

/// <summary>The question before an order that takes many, or cannot be undone.</summary>
internal static class ConfirmView
{
    public static Page Ask(PageRequest request, PostedOrder order, long count, MessageCount? counted)
    {
        var title = order.Name switch
        {
            "requeue" => $"Requeue {Words.Count(count, "dead letter", "dead letters")}?",
            "run-now" => $"Run {Words.Count(count, "message", "messages")} now?",
            _ => $"{(order.Place is MessagePlace.Dead ? "Delete" : "Drop")} {Words.Count(count, order.Place is MessagePlace.Dead ? "dead letter" : "message", order.Place is MessagePlace.Dead ? "dead letters" : "messages")}?",
        };
        return new Page(title, order.Place is MessagePlace.Dead ? "dead" : "overview", Markup.Of(html =>
        {
            html.Add($"<section class=\"confirm\"><h1>{title}</h1><p class=\"lead\">From {(order.Place is MessagePlace.Dead ? "the dead letters of" : order.Place is MessagePlace.Delayed ? "the delayed messages of" : "")} <b>{order.Queue}</b>{(FilterFields.WordsOf(order.Filter) is { Length: > 0 } words ? ", " + words : "")}.");
            if (counted is { IsComplete: false })
                html.Add($" That is among the first {Words.Count(counted.LookedAt, "message", "messages")}; there may be more, which are taken too as far as the broker looks.");
            html.Add($"</p><p>{(order.Name is "requeue" ? "They run again from their first attempt." : order.Name is "run-now" ? "They run as soon as a worker is free." : "What is dropped cannot be had back.")}</p>");
            html.Add($"<form method=\"post\" action=\"{request.Link("orders")}\">{request.Site.Forms.Field(request.Context)}");
            foreach (var (name, value) in order.Fields(counted?.AsOf))
                html.Add(OrderForms.Hidden(name, value));
            html.Add($"{OrderForms.Hidden("confirmed", "yes")}<div class=\"orders\"><button class=\"{(order.Name is "requeue" or "run-now" ? "primary" : "danger primary")}\" name=\"order\" value=\"{order.Name}\">{title.TrimEnd('?')}</button><a class=\"button quiet\" href=\"{order.Back}\">Keep them</a></div></form></section>");
        }));
    }
}
