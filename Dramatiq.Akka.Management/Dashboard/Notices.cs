namespace Dramatiq.Akka.Management.Dashboard;

/// <summary>What is said once after an order, from words that are here: an address that somebody made up can say nothing else.</summary>
internal static class Notices
{
    public static Markup Write(PageRequest request)
    {
        if (request.Query("said") is not { } said)
            return Markup.Empty;

        var count = long.TryParse(request.Query("n"), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;
        var text = said switch
        {
            "pause" => "The queue is paused. What is in hand is finished.",
            "resume" => "The queue is resumed.",
            "scale" => $"From now on there are {Words.Count(count, "worker", "workers")}.",
            "requeue" => $"{Words.Count(count, "dead letter was", "dead letters were")} put back.",
            "delete" => $"{Words.Count(count, "message was", "messages were")} dropped.",
            "run-now" => $"{Words.Count(count, "message", "messages")} will run now.",
            "purge" => $"{Words.Count(count, "message was", "messages were")} dropped.",
            _ => null,
        };
        if (text is null)
            return Markup.Empty;
        var isPartly = request.Query("partly") is not null;
        if (said is "requeue" or "delete" or "run-now" && count == 0)
            text = isPartly
                ? "Nothing was changed: none of those messages was found as far as the broker looked. They may be further back."
                : "Nothing was changed: those messages are gone already, or somebody else was quicker.";
        else if (isPartly)
            text += " The broker looked no further: there may be more of them.";
        return Markup.Of(html => html.Add($"<p class=\"notice\" role=\"status\">{text}</p>\n"));
    }
}
