using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Consumers;

namespace Dramatiq.Akka.RateLimits;

/// <summary>
/// Stands before the worker pool of a queue that has actors with limits, and speaks the pool's protocol: what needs no room, or has it, goes on to the pool; the rest is parked here, in order
/// for each key. Room is taken when a worker is likely to be free for it, and held until the message has come to its end.
/// </summary>
internal static class RateLimitGate
{
    /// <summary>From the consumer: a delivery has come to its end, so the room that it had is free.</summary>
    public sealed record Ended(Delivery Delivery) : INoSerializationVerificationNeeded;

    /// <summary>From the pool: what was admitted has a worker.</summary>
    /// <param name="Delivery">Its delivery.</param>
    /// <param name="Idle">How many workers have nothing in hand.</param>
    public sealed record Started(Delivery Delivery, int Idle) : INoSerializationVerificationNeeded;

    /// <summary>Answered with <see cref="Snapshot"/>.</summary>
    public sealed record GetSnapshot : INoSerializationVerificationNeeded
    {
        public static GetSnapshot Instance { get; } = new();
    }

    /// <summary>The gate at one moment.</summary>
    /// <param name="Parked">Messages that wait for room.</param>
    /// <param name="Keys">Under how many limits.</param>
    /// <param name="Admitted">Messages that have room, and have not come to their end.</param>
    /// <param name="GivenBack">How many have been given back to come again later, so far.</param>
    public sealed record Snapshot(int Parked, int Keys, int Admitted, long GivenBack);

    // What only the gate tells itself.
    internal sealed record Answered(Lane Lane, RateLimitAnswer Answer) : INoSerializationVerificationNeeded;

    internal sealed record AskFailed(Lane Lane, Exception Error) : INoSerializationVerificationNeeded;

    internal sealed record Watched(Lane Lane, CounterWatch Watch) : INoSerializationVerificationNeeded;

    internal sealed record WatchFailed(Lane Lane, Exception Error) : INoSerializationVerificationNeeded;

    internal sealed record Changed(Lane Lane) : INoSerializationVerificationNeeded;

    internal sealed record Tick : INoSerializationVerificationNeeded
    {
        public static Tick Instance { get; } = new();
    }

    /// <summary>Whether an actor that runs on this queue has a limit.</summary>
    public static bool IsNeeded(string queue, Declarations declarations) =>
        MiddlewareOf(declarations) is { } middleware
        && declarations.Actors.Any(actor => actor.Queue == queue && actor.HasHandler && middleware.LimitOf(actor) is not null);

    public static Props Create(ConsumerSettings settings, ConsumerParts parts, IActorRef pool) => Props.Create(() => new RateLimitGateActor(settings, parts, pool));

    public static RateLimiting? MiddlewareOf(Declarations declarations) => declarations.Pipeline.All.OfType<RateLimiting>().FirstOrDefault();
}
