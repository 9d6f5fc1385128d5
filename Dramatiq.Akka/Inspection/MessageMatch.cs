using System.Text;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Inspection;

/// <summary>A filter, made ready to meet bodies. It never throws: what cannot be read does not match.</summary>
internal sealed class MessageMatch(MessageFilter filter)
{
    /// <summary>Whether it lets everything pass.</summary>
    public static bool IsOpen(MessageFilter? filter) =>
        filter is null or { ActorName: null, MessageId: null, Text: null, Reason: null, DiedUntil: null };

    public bool Matches(ReadOnlyMemory<byte> body)
    {
        if (MessageIds.TryDecode(body) is { } message)
            return Matches(message);

        return filter is { ActorName: null, MessageId: null, Reason: null, DiedUntil: null } && (filter.Text is not { } text || Holds(body, text));
    }

    public bool Matches(Message message)
    {
        if ((filter.ActorName is { } actor && message.ActorName != actor) || (filter.MessageId is { } id && message.MessageId != id))
            return false;

        if (filter.Text is { } text && !Holds(message.Args, text) && !Holds(message.Kwargs, text))
            return false;

        if (filter.Reason is null && filter.DiedUntil is null)
            return true;

        var death = Death.Of(message);
        return (filter.Reason is not { } reason || death.Mentions(reason)) && (filter.DiedUntil is not { } until || death.At is not { } at || at <= until);
    }

    /// <summary>In the text as stored, and where that has escapes, in what they stand for.</summary>
    private static bool Holds(ReadOnlyMemory<byte> json, string text)
    {
        var stored = Encoding.UTF8.GetString(json.Span);
        return stored.Contains(text, StringComparison.OrdinalIgnoreCase)
            || (stored.Contains('\\', StringComparison.Ordinal) && Plain.Text(stored).Contains(text, StringComparison.OrdinalIgnoreCase));
    }
}
