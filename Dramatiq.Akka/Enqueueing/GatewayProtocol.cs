using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Enqueueing;

/// <summary>What the rest of the library tells the gateway, beside the public <see cref="Enqueue"/>.</summary>
internal static class GatewayProtocol
{
    /// <summary>From a stage: publish what follows from an outcome. Always taken: there is at most one for each worker, and what delayed messages are due is bounded by their prefetch. Answered with the correlation.</summary>
    public sealed record Publish(Message Message, long? Eta, object Correlation) : INoSerializationVerificationNeeded;

    /// <summary>It is safe at the broker.</summary>
    public sealed record Published(object Correlation) : INoSerializationVerificationNeeded;

    /// <summary>It is not.</summary>
    public sealed record PublishFailed(object Correlation, EnqueueFailedException Error) : INoSerializationVerificationNeeded;

    /// <summary>From <see cref="TaskQueue"/>: an order whose answer goes to a task.</summary>
    public sealed record Awaited(Enqueue Order, TaskCompletionSource<Enqueued> Completion) : INoSerializationVerificationNeeded;

    /// <summary>Publish what is left, then answer with <see cref="Drained"/>.</summary>
    public sealed record Drain : INoSerializationVerificationNeeded
    {
        public static Drain Instance { get; } = new();
    }

    public sealed record Drained : INoSerializationVerificationNeeded
    {
        public static Drained Instance { get; } = new();
    }

    /// <summary>Answered with <see cref="Snapshot"/>.</summary>
    public sealed record GetSnapshot : INoSerializationVerificationNeeded
    {
        public static GetSnapshot Instance { get; } = new();
    }

    /// <summary>The gateway at one moment.</summary>
    /// <param name="Pending">Messages that wait for their confirmation, of those whose number is bounded.</param>
    /// <param name="PendingBytes">How large they are together.</param>
    /// <param name="EnqueuedByQueue">How many were confirmed since the start.</param>
    /// <param name="Failed">How many were not.</param>
    public sealed record Snapshot(int Pending, long PendingBytes, IReadOnlyDictionary<string, long> EnqueuedByQueue, long Failed) : INoSerializationVerificationNeeded
    {
        public static Snapshot Empty { get; } = new(0, 0, new Dictionary<string, long>(), 0);
    }

    /// <summary>The gateway to itself: a batch has come to an end.</summary>
    public sealed record BatchEnded(PublishBatch Batch, PublishOutcome Outcome, Exception? Error) : INoSerializationVerificationNeeded;

    /// <summary>The gateway to itself: try again, or give up what is too late.</summary>
    public sealed record Tick : INoSerializationVerificationNeeded
    {
        public static Tick Instance { get; } = new();
    }

    /// <summary>The gateway to itself: a queue is declared at the broker, or not.</summary>
    public sealed record QueueDeclared(UndeclaredQueue Queue, CancellationTokenSource Call, Exception? Error) : INoSerializationVerificationNeeded;

    /// <summary>To an enqueue stage: a message on its way to the broker.</summary>
    public sealed record BeforeEnqueue(EnqueueContext Context) : INoSerializationVerificationNeeded;

    /// <summary>To an enqueue stage: the broker has confirmed a message.</summary>
    public sealed record AfterEnqueue(EnqueueContext Context) : INoSerializationVerificationNeeded;

    /// <summary>From an enqueue stage: it lets a message pass.</summary>
    public sealed record Staged(EnqueueContext Context) : INoSerializationVerificationNeeded;

    /// <summary>From an enqueue stage: it does not.</summary>
    public sealed record Rejected(EnqueueContext Context, string Reason, Exception? Cause) : INoSerializationVerificationNeeded;
}
