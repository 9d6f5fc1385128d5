using Dramatiq.Akka.Brokers;

namespace Dramatiq.Akka.Consumers;

/// <summary>
/// One materialized consumer at the broker, from connecting to closing. A queue consumer that pauses or reconnects has a new one, while the old may still have
/// deliveries to settle.
/// </summary>
internal sealed class ConsumerSession
{
    /// <summary>How to settle; null until the stream runs.</summary>
    public IBrokerConsumer? Broker { get; set; }

    /// <summary>Deliveries received and not yet settled at the broker.</summary>
    public HashSet<Delivery> InFlight { get; } = [];

    /// <summary>Settled by the workers, waiting to be told to the broker.</summary>
    public List<Brokers.Settlement> Unsent { get; set; } = [];

    /// <summary>The messages of <see cref="Unsent"/>, for the signals; null for what could not be decoded.</summary>
    public List<Messages.Message?> UnsentMessages { get; set; } = [];

    /// <summary>Whether a call to settle is under way; the next waits for it, so that settling keeps its order.</summary>
    public bool IsFlushing { get; set; }

    /// <summary>Whether it was asked for no more deliveries.</summary>
    public bool IsStopped { get; set; }

    /// <summary>Whether it is lost or closed: nothing can be settled any more.</summary>
    public bool IsOver { get; set; }
}

/// <summary>Settlements that are with the broker together.</summary>
internal sealed record SettlementBatch(ConsumerSession Session, List<Brokers.Settlement> Settlements, List<Messages.Message?> Messages);
