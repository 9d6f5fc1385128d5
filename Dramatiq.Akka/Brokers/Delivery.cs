namespace Dramatiq.Akka.Brokers;

/// <summary>A message as the broker handed it over, to be settled exactly once through <see cref="Consumer"/>.</summary>
/// <param name="consumer">The consumer that holds it.</param>
/// <param name="tag">What the broker knows the delivery by, unique within its consumer.</param>
/// <param name="body">The bytes of the message. They belong to the delivery and never change.</param>
/// <param name="deliveryCount">How often the message has been handed to a worker so far, this time included: 1 or more.</param>
public sealed class Delivery(IBrokerConsumer consumer, ulong tag, ReadOnlyMemory<byte> body, int deliveryCount)
{
    /// <summary>The consumer that holds it.</summary>
    public IBrokerConsumer Consumer { get; } = consumer;

    /// <summary>What the broker knows the delivery by, unique within its consumer.</summary>
    public ulong Tag { get; } = tag;

    /// <summary>The bytes of the message. They belong to the delivery and never change.</summary>
    public ReadOnlyMemory<byte> Body { get; } = body;

    /// <summary>How often the message has been handed to a worker, this time included: 1 or more. Returns that spend no delivery are not counted.</summary>
    public int DeliveryCount { get; } = deliveryCount;
}
