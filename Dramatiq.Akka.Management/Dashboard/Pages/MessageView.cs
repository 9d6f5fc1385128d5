using System.Text.Json;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Management.Dashboard.Pages;

/// <summary>One message whole, and what it has been through.</summary>
internal static class MessageView
{
    public static async Task<Page?> ShowAsync(PageRequest request)
    {
        if (request.Query("id") is not { } id)
            throw new InspectionException(InspectionFailure.Invalid, "Which message? Give its id.");

        var place = request.Query("place");
        var answer = await request.AskAsync(new GetMessage(id) { Queue = request.Query("queue"), Place = place is null ? null : Places.Of(place) }).ConfigureAwait(false);
        if (answer.Message is null && place is not null)
            answer = await request.AskAsync(new GetMessage(id) { Queue = request.Query("queue") }).ConfigureAwait(false);   // it may have moved on since the list was made
        return answer.Message is { } message ? Found(request, message, answer.Life) : Missing(request, id, answer);
    }

    private static Page Found(PageRequest request, MessageDetail message, MessageLife? life) => new("Message " + (message.Summary.MessageId ?? message.Summary.Key), "overview", Markup.Of(html =>
    {
        var summary = message.Summary;
        html.Add($"<nav class=\"crumbs\" aria-label=\"Breadcrumb\"><a href=\"{request.Link("")}\">Overview</a><a href=\"{request.Link("queues/" + Uri.EscapeDataString(message.Queue), ("place", Places.NameOf(message.Place)))}\">{message.Queue}</a></nav>");
        html.Add($"<div class=\"head\"><h1>{summary.ActorName ?? "Not a message"}</h1><div class=\"orders\">{Orders(request, message)}</div></div>\n{Notices.Write(request)}");
        html.Add($"<p class=\"call\"><code>{summary.ActorName}({summary.Arguments})</code></p>\n");
        if (message.Problem is { } problem)
            html.Add($"<p class=\"notice bad\"><b>This body cannot be read as a message.</b> {problem}</p>");
        html.Add($"<dl class=\"facts\">{Fact("Where", Badges.Of(Places.WordOf(message.Place), message.Place is MessagePlace.Dead ? "bad" : "none"))}{Fact("Message id", Mono(summary.MessageId))}{Fact("Created", Words.Time(summary.CreatedAt, request.Now))}");
        if (summary.Due is not null)
            html.Add(Fact("Due", Words.Time(summary.Due, request.Now)));
        if (summary.DiedAt is not null)
            html.Add(Fact("Died", Words.Time(summary.DiedAt, request.Now)));
        html.Add($"{Fact("Attempts", Text(Words.Of(message.Attempts)))}{Fact("Size", Text(Words.Bytes(summary.Bytes)))}");
        if (message.Worker is { } worker)
            html.Add(Fact("Worker", Markup.Of(one => one.Add($"<span class=\"mono\">{worker.Worker}</span>, for {Words.Duration(worker.RunningMs)}"))));
        html.Add($"</dl>\n{Error(message)}{Json("Arguments", message.Args)}{Json("Named arguments", message.Kwargs is "{}" ? null : message.Kwargs)}{Options(message)}{Life(request, life)}");
    }));

    private static Page Missing(PageRequest request, string id, MessageAnswer answer) => new("Message not found", "overview", Markup.Of(html =>
    {
        html.Add($"<h1>Not found</h1><p class=\"lead\">No message <code>{id}</code> waits here{(answer.IsComplete ? "" : $", as far as was looked ({Words.Count(answer.LookedAt, "message", "messages")})")}. It may be done, dropped, or in the hands of another process.</p>");
        html.Add(Life(request, answer.Life));
        html.Add($"<p><a class=\"button\" href=\"{request.Link("")}\">Back to the overview</a></p>");
    }), Microsoft.AspNetCore.Http.StatusCodes.Status404NotFound);

    private static Markup Orders(PageRequest request, MessageDetail message)
    {
        (string, string?)[] fields = [("queue", message.Queue), ("place", Places.NameOf(message.Place)), ("id", message.Summary.Key), ("back", request.Link("queues/" + Uri.EscapeDataString(message.Queue), ("place", Places.NameOf(message.Place))))];
        return Markup.Of(html =>
        {
            if (message.Place is MessagePlace.Dead)
                html.Add($"{OrderForms.Button(request, "requeue", "Requeue", "", fields)}{OrderForms.Button(request, "delete", "Delete…", "danger", fields)}");
            else if (message.Place is MessagePlace.Delayed)
                html.Add($"{OrderForms.Button(request, "run-now", "Run now", "", fields)}{OrderForms.Button(request, "delete", "Drop…", "danger", fields)}");
            else if (message.Place is MessagePlace.Ready)
                html.Add($"{OrderForms.Button(request, "delete", "Drop…", "danger", fields)}");
        });
    }

    private static Markup Error(MessageDetail message) => message is { ErrorType: null, ErrorMessage: null, Traceback: null, Summary.Reason: null } ? Markup.Empty : Markup.Of(html =>
    {
        html.Add($"<section aria-labelledby=\"error\"><h2 id=\"error\">{(message.Place is MessagePlace.Dead ? "Why it died" : "Last error")}</h2>");
        if (message.Summary.Reason is { } reason)
            html.Add($"<p class=\"reason\">{reason}</p>");
        if (message.ErrorType is not null || message.ErrorMessage is not null)
            html.Add($"<p class=\"error\"><b class=\"mono\">{message.ErrorType}</b> {message.ErrorMessage}</p>");
        if (message.Traceback is { } stack)
            html.Add($"<pre tabindex=\"0\" aria-label=\"Stack\">{stack}</pre>");
        html.Add($"</section>\n");
    });

    private static Markup Options(MessageDetail message) => message.Options.Count == 0 ? Markup.Empty : Markup.Of(html =>
    {
        html.Add($"<section aria-labelledby=\"options\"><h2 id=\"options\">Options</h2><dl class=\"options\">");
        foreach (var (name, value) in message.Options.OrderBy(static option => option.Key, StringComparer.Ordinal))
            html.Add($"<dt class=\"mono\">{name}</dt><dd><code>{value}</code></dd>");
        html.Add($"</dl></section>\n");
    });

    private static Markup Life(PageRequest request, MessageLife? life) => life is null ? Markup.Empty : Markup.Of(html =>
    {
        html.Add($"<section aria-labelledby=\"life\"><h2 id=\"life\">What it has been through</h2><ol class=\"life\">");
        foreach (var step in life.Steps)
        {
            html.Add($"<li>{Badges.Of(step.State)} <span class=\"muted\">{Words.Time(step.At, request.Now)} · attempt {step.Attempt} · <span class=\"mono\">{step.Node}</span></span>");
            if (step.Due is not null)
                html.Add($" <span class=\"muted\">due {Words.Time(step.Due, request.Now)}</span>");
            if (step.Note is { } note)
                html.Add($"<p>{note}</p>");
            html.Add($"</li>");
        }

        html.Add($"</ol></section>\n");
    });

    private static Markup Json(string title, string? json) => json is null ? Markup.Empty : Markup.Of(html => html.Add($"<section><h2>{title}</h2><pre tabindex=\"0\" aria-label=\"{title}\">{Indented(json)}</pre></section>\n"));

    /// <summary>As it is where it cannot be laid out: Python writes NaN and Infinity, which JSON has not.</summary>
    private static string Indented(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return JsonSerializer.Serialize(document.RootElement, Layouting);
        }
        catch (JsonException)
        {
            return json;
        }
    }

    private static JsonSerializerOptions Layouting { get; } = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static Markup Fact(string name, Markup value) => Markup.Of(html => html.Add($"<div><dt>{name}</dt><dd>{value}</dd></div>"));

    private static Markup Text(string text) => Markup.Of(html => html.Add($"{text}"));

    private static Markup Mono(string? text) => Markup.Of(html => html.Add($"<span class=\"mono\">{text ?? "–"}</span>"));
}
