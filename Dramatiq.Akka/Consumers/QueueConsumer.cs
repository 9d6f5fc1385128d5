using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Consumers;

/// <summary>
/// Fronts one queue of the broker, <c>q</c> or <c>q.DQ</c>: takes deliveries within its credit, gives them to the pool or to the delay buffer, and settles them in batches.
/// It loses no broker for good: it connects anew with back-off and jitter, for ever, and says so.
/// </summary>
internal static class QueueConsumer
{
    public interface ICommand : INoSerializationVerificationNeeded;

    /// <summary>What an operator may want of a queue; answered with <see cref="Obeyed"/>.</summary>
    public interface IOrder : ICommand;

    /// <summary>A delivery has come to its end. From a worker, the pool or the delay buffer.</summary>
    /// <param name="Settlement">What becomes of it.</param>
    /// <param name="Message">The message.</param>
    /// <param name="HasFailed">Whether an attempt at it failed, which an ack alone would not tell.</param>
    public sealed record Settled(Settlement Settlement, Message? Message, bool HasFailed = false) : ICommand;

    /// <summary>Take no more from this queue; what no worker has started goes back to it.</summary>
    public sealed record Pause : IOrder;

    /// <summary>Take messages again.</summary>
    public sealed record Resume : IOrder;

    /// <summary>Have this many workers.</summary>
    public sealed record ScaleWorkers(int Workers) : IOrder;

    /// <summary>The order has been carried out.</summary>
    /// <param name="Queue">The consumer's queue.</param>
    /// <param name="Order">The very order that was given.</param>
    public sealed record Obeyed(string Queue, IOrder Order) : INoSerializationVerificationNeeded;

    /// <summary>Take no more, finish what is in hand, then answer <see cref="Drained"/>.</summary>
    public sealed record Drain : ICommand
    {
        public static Drain Instance { get; } = new();
    }

    /// <summary>Nothing is in hand any more, and the consumer at the broker is closed.</summary>
    public sealed record Drained(string Queue) : INoSerializationVerificationNeeded;

    /// <summary>Answered with <see cref="Snapshot"/>.</summary>
    public sealed record GetSnapshot : ICommand
    {
        public static GetSnapshot Instance { get; } = new();
    }

    /// <summary>The consumer at one moment.</summary>
    /// <param name="Queue">The queue as on the wire.</param>
    /// <param name="State">What it does.</param>
    /// <param name="Prefetch">Its credit.</param>
    /// <param name="InFlight">Deliveries that it has not settled.</param>
    /// <param name="Reconnects">How often it has lost the broker.</param>
    /// <param name="LastProblem">Why it lost the broker, or could not connect, the last time; null when it never did.</param>
    /// <param name="LastProblemAt">When that was.</param>
    /// <param name="Counts">What went through.</param>
    public sealed record Snapshot(
        string Queue, ConsumerState State, int Prefetch, int InFlight, int Reconnects, string? LastProblem, DateTimeOffset? LastProblemAt, ConsumerCounts Counts);

    // What only the consumer tells itself.
    internal sealed record Delivered(ConsumerSession Session, IReadOnlyList<Delivery> Deliveries) : ICommand;

    internal sealed record SessionEnded(ConsumerSession Session, Exception? Error) : ICommand;

    internal sealed record QueueReady(Exception? Error) : ICommand;

    internal sealed record Flush : ICommand
    {
        public static Flush Instance { get; } = new();
    }

    internal sealed record Flushed(SettlementBatch Batch, Exception? Error) : ICommand;

    internal sealed record Stopped(ConsumerSession Session) : ICommand;

    internal sealed record Closed(ConsumerSession Session) : ICommand;

    internal sealed record Reconnect : ICommand
    {
        public static Reconnect Instance { get; } = new();
    }

    public static Props Create(ConsumerSettings settings, ConsumerParts parts, ConsumerMemory memory) => Props.Create(() => new QueueConsumerActor(settings, parts, memory));
}

/// <summary>What a consumer does.</summary>
public enum ConsumerState
{
    /// <summary>It declares its queue, or waits to try again.</summary>
    Connecting,

    /// <summary>It takes messages.</summary>
    Consuming,

    /// <summary>It was told to take none.</summary>
    Paused,

    /// <summary>It finishes what it has.</summary>
    Draining,
}
