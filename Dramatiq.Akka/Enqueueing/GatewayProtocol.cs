using System.Diagnostics;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Enqueueing;

/// <summary>What the rest of the library tells the gateway, beside the public <see cref="Enqueue"/>.</summary>
internal static class GatewayProtocol
{
    /// <summary>From a stage: publish what follows from an outcome. Always taken: there is at most one for each worker, and what delayed messages are due is bounded by their prefetch. Answered with the correlation.</summary>
    public sealed record Publish(Message Message, long? Eta, object Correlation) : INoSerializationVerificationNeeded
    {
        /// <summary>The span of the enqueueing, which the gateway ends; null where nobody listens.</summary>
        public Activity? Span { get; init; }
    }

    /// <summary>From <see cref="Telemetry.TracedGateway"/>: a task that was told, with the span that it was told in. Answered as if it had come alone.</summary>
    public sealed record Told(Enqueue Order) : INoSerializationVerificationNeeded;

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
