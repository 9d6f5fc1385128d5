namespace Dramatiq.Akka.Brokers;

/// <summary>What becomes of a delivery.</summary>
public enum SettlementKind
{
    /// <summary>Done: the broker forgets it.</summary>
    Ack,

    /// <summary>Moved to the dead-letter queue of the canonical queue.</summary>
    DeadLetter,

    /// <summary>Back to its queue after a worker started it and was lost: counts as a delivery.</summary>
    Requeue,

    /// <summary>Back to its queue unstarted or interrupted by a shutdown: counts as nothing.</summary>
    Return,
}

/// <summary>A delivery and what becomes of it.</summary>
public sealed class Settlement
{
    private Settlement(Delivery delivery, SettlementKind kind, ReadOnlyMemory<byte> deadBody = default, Exception? cause = null, string? reason = null)
    {
        Delivery = delivery;
        Kind = kind;
        DeadBody = deadBody;
        Cause = cause;
        Reason = reason;
    }

    /// <summary>The delivery.</summary>
    public Delivery Delivery { get; }

    /// <summary>What becomes of it.</summary>
    public SettlementKind Kind { get; }

    /// <summary>For a dead letter, the bytes to store in place of the delivered ones, so that they tell why; empty keeps the delivered ones.</summary>
    public ReadOnlyMemory<byte> DeadBody { get; }

    /// <summary>For a dead letter, the exception behind it, where this process knows it. The in-memory broker rethrows it to tests.</summary>
    public Exception? Cause { get; }

    /// <summary>For a dead letter, why, in words for an operator. For signals and logs: what the letter itself says is in <see cref="DeadBody"/>.</summary>
    public string? Reason { get; }

    /// <summary>The delivery is done.</summary>
    public static Settlement Ack(Delivery delivery) => new(delivery, SettlementKind.Ack);

    /// <summary>The delivery goes to the dead-letter queue.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <param name="body">What to store; empty keeps the delivered bytes.</param>
    /// <param name="cause">The exception behind it, if known.</param>
    /// <param name="reason">Why, in words for an operator.</param>
    public static Settlement DeadLetter(Delivery delivery, ReadOnlyMemory<byte> body, Exception? cause, string? reason = null) =>
        new(delivery, SettlementKind.DeadLetter, body, cause, reason);

    /// <summary>Back to the queue, counted as a delivery.</summary>
    public static Settlement Requeue(Delivery delivery) => new(delivery, SettlementKind.Requeue);

    /// <summary>Back to the queue, not counted.</summary>
    public static Settlement Return(Delivery delivery) => new(delivery, SettlementKind.Return);
}
