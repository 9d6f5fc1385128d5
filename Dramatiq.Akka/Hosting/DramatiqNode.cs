using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Hosting;

/// <summary>The root of what consumes in this process: two consumers for each queue, their start and their drain.</summary>
internal static class DramatiqNode
{
    /// <summary>Answered with <see cref="Started"/> when every consumer exists.</summary>
    public sealed record GetStarted : INoSerializationVerificationNeeded
    {
        public static GetStarted Instance { get; } = new();
    }

    public sealed record Started : INoSerializationVerificationNeeded
    {
        public static Started Instance { get; } = new();
    }

    /// <summary>An order to the consumer of a queue as on the wire; answered with <see cref="QueueConsumer.Obeyed"/>, <see cref="NotConsumed"/> or <see cref="NoMoreOrders"/>.</summary>
    /// <param name="Queue">The queue.</param>
    /// <param name="Order">The order.</param>
    /// <param name="IsOwn">Whether a pause is this process's own; else it is one of all processes, which has been noted by <see cref="PausedEverywhere"/>.</param>
    public sealed record ToQueue(string Queue, QueueConsumer.IOrder Order, bool IsOwn = true) : INoSerializationVerificationNeeded;

    /// <summary>The queues that are paused for every process, by canonical name: all of them, now that it is known.</summary>
    public sealed record PausedEverywhere(IReadOnlySet<string> Queues) : INoSerializationVerificationNeeded;

    /// <summary>Answered with <see cref="Snapshot"/>.</summary>
    public sealed record GetSnapshot : INoSerializationVerificationNeeded
    {
        public static GetSnapshot Instance { get; } = new();
    }

    /// <summary>The consumers at one moment.</summary>
    public sealed record Snapshot(NodeState State, IReadOnlyList<ConsumerSnapshot> Consumers) : INoSerializationVerificationNeeded;

    /// <summary>One consumer, and how it was told to be.</summary>
    public sealed record ConsumerSnapshot(string Queue, IActorRef Consumer, bool IsPausedHere, bool IsPausedEverywhere);

    /// <summary>There is no such consumer.</summary>
    public sealed record NotConsumed(IReadOnlyCollection<string> Consumed) : INoSerializationVerificationNeeded;

    /// <summary>The drain has begun.</summary>
    public sealed record NoMoreOrders : INoSerializationVerificationNeeded
    {
        public static NoMoreOrders Instance { get; } = new();
    }

    /// <summary>Drain every consumer, then the gateway; answered with <see cref="Drained"/>.</summary>
    public sealed record Drain : INoSerializationVerificationNeeded
    {
        public static Drain Instance { get; } = new();
    }

    /// <summary>Nothing is in hand any more.</summary>
    /// <param name="Complete">Whether everything came to its end within the deadline.</param>
    public sealed record Drained(bool Complete) : INoSerializationVerificationNeeded;

    /// <param name="settings">The settings.</param>
    /// <param name="parts">What the consumers share.</param>
    /// <param name="paused">The queues that are paused for every process; null as long as that is not known, when nothing is taken.</param>
    public static Props Create(DramatiqSettings settings, ConsumerParts parts, IReadOnlySet<string>? paused) =>
        Props.Create(() => new DramatiqNodeActor(settings, parts, paused));
}
