using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Management.Dashboard;

/// <summary>Forms of one button, or nearly.</summary>
internal static class OrderForms
{
    public static Markup Hidden(string name, string? value) => value is null ? Markup.Empty : Markup.Of(html => html.Add($"<input type=\"hidden\" name=\"{name}\" value=\"{value}\">"));

    /// <summary>A button that orders something for a queue.</summary>
    /// <param name="request">The request.</param>
    /// <param name="order">The order's name.</param>
    /// <param name="title">What stands on the button.</param>
    /// <param name="kind">A class of the button: <c>danger</c>, <c>quiet</c> or none.</param>
    /// <param name="fields">What else it says; <c>back</c> to lead elsewhere than here.</param>
    public static Markup Button(PageRequest request, string order, string title, string kind, params (string Name, string? Value)[] fields) => !request.MayOrder ? Markup.Empty : Markup.Of(html =>
    {
        html.Add($"<form method=\"post\" action=\"{request.Link("orders")}\">{request.Site.Forms.Field(request.Context)}");
        if (!fields.Any(static field => field.Name == "back"))
            html.Add(Hidden("back", request.Here));
        foreach (var (name, value) in fields)
            html.Add(Hidden(name, value));
        html.Add($"<button class=\"{kind}\" name=\"order\" value=\"{order}\">{title}</button></form>");
    });

    public static Markup Pause(PageRequest request, QueueReport queue) => Markup.Of(html =>
    {
        if (queue.Consumer is not null || queue.IsPausedHere)
            html.Add(queue.IsPausedHere
                ? Button(request, "resume", "Resume here", "", ("queue", queue.Queue))
                : Button(request, "pause", "Pause here", "", ("queue", queue.Queue)));
        if (queue.IsPausedEverywhere is { } everywhere)
            html.Add(everywhere
                ? Button(request, "resume", "Resume everywhere", "", ("queue", queue.Queue), ("everywhere", "true"))
                : Button(request, "pause", "Pause everywhere", "", ("queue", queue.Queue), ("everywhere", "true")));
    });

    public static Markup Scale(PageRequest request, PoolReport pool) => !request.MayOrder ? Markup.Empty : Markup.Of(html => html.Add(
        $"<form class=\"scale\" method=\"post\" action=\"{request.Link("orders")}\">{request.Site.Forms.Field(request.Context)}{Hidden("back", request.Here)}{Hidden("queue", pool.Queue)}<label>Workers <input type=\"number\" name=\"workers\" min=\"1\" max=\"100000\" required value=\"{pool.Workers}\"></label><button name=\"order\" value=\"scale\">Set</button></form>"));
}
