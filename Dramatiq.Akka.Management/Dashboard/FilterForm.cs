using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Management.Dashboard;

/// <summary>The form that looks for messages in one place, and what can be ordered for all that it finds.</summary>
internal static class FilterForm
{
    /// <summary>As many as can be read and compared within a page's 100 ms on a busy machine; the way on is one click, and an order takes all that match.</summary>
    public const int LookAtMost = 1_000;

    /// <summary>A queue of RabbitMQ that holds much stops for tens of milliseconds to collect its garbage, now and then several times in one search: the page shows then how far it came.</summary>
    public static readonly TimeSpan LookFor = TimeSpan.FromMilliseconds(30);

    /// <param name="request">The request.</param>
    /// <param name="path">The page that it leads to.</param>
    /// <param name="title">What it looks through, for who cannot see that.</param>
    /// <param name="place">Where it looks.</param>
    /// <param name="scope">Fields that say which queue or place is meant.</param>
    /// <param name="filter">What is looked for now.</param>
    /// <param name="clear">The same page without a filter.</param>
    public static Markup Write(PageRequest request, string path, string title, MessagePlace place, Markup scope, MessageFilter? filter, string clear) => Markup.Of(html =>
    {
        html.Add($"<form class=\"filter\" method=\"get\" role=\"search\" aria-label=\"{title}\" action=\"{request.Link(path)}\">{scope}{Field("Actor", "actorName", filter?.ActorName)}");
        if (place is MessagePlace.Dead)
            html.Add(Field("Reason or error", "reason", filter?.Reason));
        html.Add($"{Field("In the arguments", "text", filter?.Text)}{Field("Message id", "messageId", filter?.MessageId)}<div class=\"go\"><button>Search</button>");
        if (filter is not null)
            html.Add($"<a class=\"button quiet\" href=\"{clear}\">Clear</a>");
        html.Add($"</div></form>\n");
    });

    /// <summary>Orders for all that match, or all there are: counted and asked about before.</summary>
    public static Markup Orders(PageRequest request, string queue, MessagePlace place, MessageFilter? filter, string title) => !request.MayOrder || place is MessagePlace.InHand ? Markup.Empty : Markup.Of(html =>
    {
        html.Add($"<section aria-labelledby=\"bulk\" class=\"bulk\"><h2 id=\"bulk\">{title}</h2><div class=\"orders\">");
        if (place is MessagePlace.Dead)
            html.Add(Button("requeue", "Requeue all…", ""));
        if (place is MessagePlace.Delayed)
            html.Add(Button("run-now", "Run all now…", ""));
        html.Add($"{Button("delete", place is MessagePlace.Dead ? "Delete all…" : "Drop all…", "danger")}</div></section>");

        Markup Button(string order, string name, string kind) =>
            OrderForms.Button(request, order, name, kind, [("queue", queue), ("place", Places.NameOf(place)), ("all", "true"), .. FilterFields.Of(filter)]);
    });

    private static Markup Field(string title, string name, string? value) => Markup.Of(html => html.Add($"<label>{title}<input name=\"{name}\" value=\"{value}\" autocomplete=\"off\"></label>"));
}
