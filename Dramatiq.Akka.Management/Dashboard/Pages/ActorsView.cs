using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Management.Dashboard.Pages;

/// <summary>What is declared.</summary>
internal static class ActorsView
{
    public static async Task<Page?> ShowAsync(PageRequest request)
    {
        var actors = (await request.AskAsync(new GetActors()).ConfigureAwait(false)).Actors;
        return new Page("Actors", "actors", Markup.Of(html =>
        {
            html.Add($"<h1>Actors</h1>\n");
            if (actors.Count == 0)
                html.Add($"<p class=\"empty\">No actor is declared.</p>");
            foreach (var actor in actors)
                html.Add(Card(request, actor));
        }));
    }

    private static Markup Card(PageRequest request, ActorReport actor) => Markup.Of(html =>
    {
        html.Add($"<article class=\"card actor\"><h2><code>{actor.Name}({string.Join(", ", actor.Parameters)})</code></h2><p class=\"muted\">{(actor.RunsHere ? Badges.Of("Runs here", "good") : Badges.Of("Only sent to", "none"))} on <a href=\"{request.QueueLink(actor.Queue)}\">{actor.Queue}</a> · priority {actor.Priority}");
        if (actor.TaskType is { } type)
            html.Add($" · <span class=\"mono\">{type}</span>");
        html.Add($"</p>");
        if (actor.Options.Count > 0)
        {
            html.Add($"<dl class=\"options\">");
            foreach (var (name, value) in actor.Options)
                html.Add($"<dt class=\"mono\">{name}</dt><dd><code>{value.ToString()}</code></dd>");
            html.Add($"</dl>");
        }

        if (actor.Stages.Count > 0)
        {
            html.Add($"<ol class=\"stages\" aria-label=\"Stages\">");
            foreach (var stage in actor.Stages)
                html.Add($"<li>{stage}</li>");
            html.Add($"<li class=\"end\">handler</li></ol>");
        }

        html.Add($"</article>\n");
    });
}
