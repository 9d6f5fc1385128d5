using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Inspection;

/// <summary>What becomes of each message, as events on the event stream, for whoever keeps lives. Published only where somebody does; middleware sees the same in its stages.</summary>
internal static class LifeSignals
{
    /// <summary>The broker has confirmed a message, due now or at an eta in milliseconds since the Unix epoch.</summary>
    public sealed record Enqueued(Message Message, long? Eta) : INoSerializationVerificationNeeded;

    /// <summary>A worker takes a message in hand.</summary>
    public sealed record Started(Message Message, int Attempt, IActorRef Worker) : INoSerializationVerificationNeeded;

    /// <summary>An attempt has come to its end.</summary>
    public sealed record Ended(Message Message, int Attempt, Outcome Outcome) : INoSerializationVerificationNeeded;
}
