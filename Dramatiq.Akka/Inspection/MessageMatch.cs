using System.Text;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Inspection;

/// <summary>A filter, made ready to meet messages. It never throws: what cannot be read does not match.</summary>
/// <param name="filter">What is asked for.</param>
/// <param name="asOf">What is known to have died later is not meant; null for no such bound.</param>
internal sealed class MessageMatch(MessageFilter filter, DateTimeOffset? asOf = null)
{
    /// <summary>Whether it lets everything pass.</summary>
    public static bool IsOpen(MessageFilter? filter) =>
        filter is null or { ActorName: null, MessageId: null, Text: null, Reason: null, DiedUntil: null };

    /// <summary>Empty text occurs everywhere: an unset variable in a script must not become an order for all.</summary>
    /// <exception cref="InspectionException">A part of the filter is empty.</exception>
    public static void Check(MessageFilter? filter)
    {
        foreach (var (name, value) in new[] { ("actorName", filter?.ActorName), ("messageId", filter?.MessageId), ("text", filter?.Text), ("reason", filter?.Reason) })
            if (value is "")
                throw new InspectionException(InspectionFailure.Invalid, $"The filter's '{name}' is empty. Leave it out, or say what to look for.");
    }

    public bool Matches(PeekedMessage peeked)
    {
        if (MessageIds.TryDecode(peeked.Body) is { } message)
            return Matches(message, peeked.Since);

        return filter is { ActorName: null, MessageId: null, Reason: null } && (filter.Text is not { } text || Holds(peeked.Body, text)) && IsInTime(peeked.Since);
    }

    /// <param name="message">The message.</param>
    /// <param name="since">When it died, where the broker knows.</param>
    public bool Matches(Message message, DateTimeOffset? since = null)
    {
        if ((filter.ActorName is { } actor && message.ActorName != actor) || (filter.MessageId is { } id && message.MessageId != id))
            return false;

        if (filter.Text is { } text && !Holds(message.Args, text) && !Holds(message.Kwargs, text))
            return false;

        if (filter.Reason is null && filter.DiedUntil is null && asOf is null)
            return true;

        var death = Death.Of(message);
        return (filter.Reason is not { } reason || death.Mentions(reason)) && IsInTime(since ?? death.At);
    }

    /// <summary>Of whose death nobody knows the time, nobody can say that it was before.</summary>
    private bool IsInTime(DateTimeOffset? died) => (filter.DiedUntil is not { } until || died <= until) && !(died > asOf);

    /// <summary>In the text as stored, and where that has escapes, in what they stand for.</summary>
    private static bool Holds(ReadOnlyMemory<byte> json, string text)
    {
        var stored = Encoding.UTF8.GetString(json.Span);
        return stored.Contains(text, StringComparison.OrdinalIgnoreCase)
            || (stored.Contains('\\', StringComparison.Ordinal) && Plain.Text(stored).Contains(text, StringComparison.OrdinalIgnoreCase));
    }
}
