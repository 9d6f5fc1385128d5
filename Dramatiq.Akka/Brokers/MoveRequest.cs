namespace Dramatiq.Akka.Brokers;

/// <summary>Which of the waiting messages to move or drop. What is null is not asked for; all that is not null must hold.</summary>
/// <param name="Kind">What is to become of them.</param>
public sealed record MoveRequest(MoveKind Kind)
{
    /// <summary>Keys or <c>message_id</c>s. What is not there is passed over.</summary>
    public IReadOnlyCollection<string>? Ids { get; init; }

    /// <summary>Which; called on any thread, for one message at a time, whose body is good for the length of the call. It must not throw.</summary>
    public Func<PeekedMessage, bool>? Matches { get; init; }

    /// <summary>Told of each message that this very call moved or dropped, as it was before, once that is done. It must not throw.</summary>
    public Action<PeekedMessage>? Moved { get; init; }

    internal bool Means(PeekedMessage message) => Matches?.Invoke(message) != false && (Kind is MoveKind.Delete || MessageIds.IdOf(message.Body) is not null);

    internal void Tell(IEnumerable<PeekedMessage> moved)
    {
        if (Moved is not { } told)
            return;

        foreach (var message in moved)
            told(message);
    }
}

/// <summary>What becomes of messages that wait.</summary>
public enum MoveKind
{
    /// <summary>
    /// Dead letters go back into their queue, as new: without <c>retries</c>, <c>traceback</c>, <c>requeue_timestamp</c>, <c>eta</c> and the note of why they died. One that cannot be decoded
    /// stays where it is.
    /// </summary>
    Requeue,

    /// <summary>They are dropped; what a consumer holds is left alone.</summary>
    Delete,

    /// <summary>Delayed messages go into their queue at once, without their eta. One that cannot be decoded, or that a consumer holds, is left alone.</summary>
    RunNow,
}
