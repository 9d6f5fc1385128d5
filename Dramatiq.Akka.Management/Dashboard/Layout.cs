using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Management.Dashboard;

/// <summary>What is around every page.</summary>
internal static class Layout
{
    private static readonly (string Area, string Path, string Title)[] Areas =
        [("overview", "", "Overview"), ("dead", "dead", "Dead letters"), ("workers", "workers", "Workers"), ("actors", "actors", "Actors")];

    /// <param name="request">The request.</param>
    /// <param name="page">What is in it.</param>
    /// <param name="node">This process; null when that is not known, or nobody's business.</param>
    public static string Write(PageRequest request, Page page, NodeReport? node)
    {
        var html = new Html();
        html.Add($"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            {TryAgain(page)}<title>{page.Title} · Dramatiq.Akka</title>
            <link rel="icon" href="{Assets.Link(request, "dramatiq.svg")}" type="image/svg+xml">
            <link rel="stylesheet" href="{Assets.Link(request, "dramatiq.css")}">
            <script src="{Assets.Link(request, "dramatiq.js")}" defer></script>
            </head>
            <body{Live(request, page)}>
            <a class="skip" href="#main">Skip to content</a>
            <header class="top">
            <a class="brand" href="{request.Link("")}"><img src="{Assets.Link(request, "dramatiq.svg")}" alt="" width="22" height="22">Dramatiq.Akka</a>
            <nav aria-label="Main"><ul>
            """);
        foreach (var (area, path, title) in Areas)
            html.Add($"<li><a href=\"{request.Link(path)}\"{Current(area == page.Area)}>{title}</a></li>");
        html.Add($"</ul></nav>{Find(request)}<p class=\"node\">{NodeState(node)}</p></header>\n<main id=\"main\" tabindex=\"-1\">\n{page.Body}\n</main>\n<footer class=\"bottom\"><p>{Foot(request, node)}</p>{SignOut(request)}</footer>\n</body>\n</html>\n");
        return html.ToString();
    }

    public static Markup Current(bool isCurrent) => isCurrent ? new Markup(" aria-current=\"page\"") : Markup.Empty;

    private static Markup TryAgain(Page page) => page.TriesAgain ? new Markup("<meta http-equiv=\"refresh\" content=\"5\">\n") : Markup.Empty;

    private static Markup Live(PageRequest request, Page page) => page.IsLive ? Markup.Of(html => html.Add($" data-events=\"{request.Link("api/events")}\"")) : Markup.Empty;

    private static Markup Find(PageRequest request) => request.Site.AccessOf(request.Context) is Security.Access.None ? Markup.Empty : Markup.Of(html => html.Add(
        $"<form class=\"find\" method=\"get\" role=\"search\" aria-label=\"One message\" action=\"{request.Link("message")}\"><label><span class=\"hidden\">Find a message by id</span><input type=\"search\" name=\"id\" placeholder=\"Message id\" required autocomplete=\"off\" spellcheck=\"false\"></label><button>Find</button></form>"));

    private static Markup NodeState(NodeReport? node) => node is null ? Markup.Empty : Markup.Of(html =>
    {
        if (node.State is not Inspection.NodeState.Running)
            html.Add($"{Badges.Of(node.State is Inspection.NodeState.Draining ? "Draining" : "Drained", "warn")} ");
        html.Add($"<span class=\"pulse\" id=\"pulse\" role=\"status\"></span>");
    });

    private static Markup Foot(PageRequest request, NodeReport? node) => Markup.Of(html =>
    {
        if (node is null)
            return;
        html.Add($"<span class=\"mono\">{node.Name}</span> · {node.Broker.Name} · version {node.Version} · started {Words.Time(node.StartedAt, request.Now)}");
        if (!request.MayOrder)
            html.Add($" · {(request.Site.Settings.IsReadOnly ? "read-only" : "you may look, not order")}");
    });

    private static Markup SignOut(PageRequest request) => request.Context.Request.Cookies.ContainsKey(Security.Tokens.Cookie(request.Context.Request))
        ? Markup.Of(html => html.Add($"<form method=\"post\" action=\"{request.Link("sign-out")}\">{request.Site.Forms.Field(request.Context)}<button class=\"quiet\">Sign out</button></form>"))
        : Markup.Empty;
}
