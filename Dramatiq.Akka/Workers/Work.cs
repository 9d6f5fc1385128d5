using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Workers;

/// <summary>A delivery whose message is decoded and whose actor is known: what a worker takes in hand.</summary>
internal sealed record Work(Delivery Delivery, Message Message, DeclaredActor Actor) : INoSerializationVerificationNeeded
{
    /// <summary>The room under its actor's rate limit; null where it has no limit.</summary>
    public RateLimits.RateLimitSlot? Slot { get; init; }

    /// <summary>Whom to tell that it has a worker; null where nobody asks.</summary>
    public IActorRef? Gate { get; init; }
}
