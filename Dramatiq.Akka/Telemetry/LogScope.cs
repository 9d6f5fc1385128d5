using System.Collections;
using Akka.Event;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Telemetry;

/// <summary>The message in hand, as structured loggers read a scope. The properties are named as those of Microsoft's own scopes are.</summary>
internal sealed class LogScope(MessageContext context) : IReadOnlyList<KeyValuePair<string, object?>>
{
    private readonly int _attempt = context.Attempt;
    private readonly string _messageId = context.Message.MessageId;

    public int Count => 4;

    public KeyValuePair<string, object?> this[int index] => index switch
    {
        0 => new("MessageId", _messageId),
        1 => new("ActorName", context.Actor.Name),
        2 => new("QueueName", context.Actor.Queue),
        3 => new("Attempt", _attempt),
        _ => throw new ArgumentOutOfRangeException(nameof(index), index, "A scope has four properties."),
    };

    /// <summary>The same for Akka's own logging, whose lines carry what they are about as properties.</summary>
    public static ILoggingAdapter Around(ILoggingAdapter log, MessageContext context) => log
        .WithContext("MessageId", context.Message.MessageId)
        .WithContext("ActorName", context.Actor.Name)
        .WithContext("QueueName", context.Actor.Queue)
        .WithContext("Attempt", context.Attempt);

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => $"{context.Actor.Name} {_messageId} on {context.Actor.Queue}, attempt {_attempt}";
}
