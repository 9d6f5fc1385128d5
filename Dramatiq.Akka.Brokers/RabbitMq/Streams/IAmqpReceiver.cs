using RabbitMQ.Client;

namespace Dramatiq.Akka.Brokers.RabbitMq.Streams;

/// <summary>Makes stream elements of what a subscription is delivered. One for each materialization; called one delivery at a time.</summary>
internal interface IAmqpReceiver<T>
{
    /// <summary>Sends an element into the stream that was kept back when its delivery came. Set before the first delivery.</summary>
    Action<T> Late { set; }

    /// <summary>Makes the element, or keeps the delivery to itself and says false; it then has to settle it.</summary>
    /// <param name="tag">What settles it.</param>
    /// <param name="redelivered">Whether it was delivered before.</param>
    /// <param name="routingKey">What it was published with.</param>
    /// <param name="properties">Its properties.</param>
    /// <param name="body">Its bytes, which belong to the receiver.</param>
    /// <param name="element">The element.</param>
    bool TryReceive(ulong tag, bool redelivered, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, out T element);
}
