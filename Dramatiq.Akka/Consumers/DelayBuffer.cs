using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Consumers;

/// <summary>
/// Keeps deliveries until their eta, with one timer for the earliest. A due message is published to its canonical queue without the eta, and its delivery
/// is acked when that is confirmed; a crash between the two runs it twice, never not at all.
/// </summary>
internal static class DelayBuffer
{
    /// <summary>Keep this until its eta, in milliseconds since the Unix epoch.</summary>
    public sealed record Hold(Delivery Delivery, Message Message, long Eta) : INoSerializationVerificationNeeded;

    /// <summary>Give back everything that is not being published; answered with <see cref="HandedBack"/>.</summary>
    public sealed record HandBack : INoSerializationVerificationNeeded
    {
        public static HandBack Instance { get; } = new();
    }

    /// <summary>What was held and not due.</summary>
    public sealed record HandedBack(IReadOnlyList<Hold> Holds) : INoSerializationVerificationNeeded;

    /// <summary>An operator's order about messages that wait here: publish them now, or drop them. Answered with <see cref="TakenOut"/>.</summary>
    /// <param name="MessageIds">Which; null for all.</param>
    /// <param name="Publishes">Whether they run now; else they are dropped.</param>
    public sealed record TakeOut(IReadOnlySet<string>? MessageIds, bool Publishes) : INoSerializationVerificationNeeded;

    /// <summary>How many waited here.</summary>
    public sealed record TakenOut(int Count) : INoSerializationVerificationNeeded;

    /// <summary>The broker took these deliveries back: forget them.</summary>
    public sealed record ForgetAll(ConsumerSession Session) : INoSerializationVerificationNeeded;

    public static Props Create(IActorRef gateway, TimeProvider time) => Props.Create(() => new DelayBufferActor(gateway, time));
}
