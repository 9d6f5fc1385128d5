using System.Globalization;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Management.Dashboard;

/// <summary>A filter as the fields of a form or an address, and back.</summary>
internal static class FilterFields
{
    /// <summary>Null when nothing is asked for.</summary>
    public static MessageFilter? Read(Func<string, string?> field)
    {
        var filter = new MessageFilter
        {
            ActorName = field("actorName"),
            MessageId = field("messageId"),
            Text = field("text"),
            Reason = field("reason"),
            DiedUntil = DateTimeOffset.TryParse(field("diedUntil"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null,
        };
        return filter == new MessageFilter() ? null : filter;
    }

    public static (string Name, string? Value)[] Of(MessageFilter? filter) => filter is null ? [] :
    [
        ("actorName", filter.ActorName), ("messageId", filter.MessageId), ("text", filter.Text), ("reason", filter.Reason), ("diedUntil", filter.DiedUntil?.ToString("O", CultureInfo.InvariantCulture)),
    ];

    /// <summary>In words, for a question before an order.</summary>
    public static string WordsOf(MessageFilter? filter) => filter is null ? "" : string.Join(", ", Parts(filter));

    private static IEnumerable<string> Parts(MessageFilter filter)
    {
        if (filter.ActorName is { } actor)
            yield return $"of actor {actor}";
        if (filter.MessageId is { } id)
            yield return $"with id {id}";
        if (filter.Text is { } text)
            yield return $"with “{text}” in the arguments";
        if (filter.Reason is { } reason)
            yield return $"with “{reason}” in the reason or error";
    }
}
