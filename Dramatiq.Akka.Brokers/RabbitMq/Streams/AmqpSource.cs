using Akka.Streams.Dsl;
using RabbitMQ.Client;

namespace Dramatiq.Akka.Brokers.RabbitMq.Streams;

/// <summary>
/// Akka.Streams sources of what a RabbitMQ queue holds, to be acknowledged one by one. They are usable without the rest of this library, on any connection of RabbitMQ.Client.
/// </summary>
/// <remarks>
/// The source connects when it is materialized, asynchronously; RabbitMQ holds back what exceeds the credit, so nothing is buffered beyond it. It completes when it is closed,
/// and fails with <see cref="AmqpEndedException"/> when the consumer was cancelled, the channel closed, or the connection lost: <see cref="AmqpSubscription.Completion"/> tells which.
/// To go on after that, wrap it in a <c>RestartSource</c>.
/// </remarks>
public static class AmqpSource
{
    /// <summary>Messages one by one.</summary>
    /// <param name="connect">Gives an open connection. It stays the caller's, and can be shared by many sources.</param>
    /// <param name="settings">What to consume.</param>
    public static Source<AmqpMessage, AmqpSubscription> Committable(Func<CancellationToken, Task<IConnection>> connect, AmqpSourceSettings settings) =>
        Batches(connect, settings).SelectMany(static batch => batch);

    /// <summary>Messages as they come, all that has arrived together: one stream element for many, which costs less.</summary>
    /// <param name="connect">Gives an open connection. It stays the caller's, and can be shared by many sources.</param>
    /// <param name="settings">What to consume.</param>
    public static Source<IReadOnlyList<AmqpMessage>, AmqpSubscription> Batches(Func<CancellationToken, Task<IConnection>> connect, AmqpSourceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(connect);
        ArgumentNullException.ThrowIfNull(settings);
        return Source.FromGraph(new AmqpSourceStage<AmqpMessage, MessageReceiver>(connect, settings, static subscription => new MessageReceiver(subscription)))
            .MapMaterializedValue(static receiver => receiver.Subscription);
    }

    private sealed class MessageReceiver(AmqpSubscription subscription) : IAmqpReceiver<AmqpMessage>
    {
        public AmqpSubscription Subscription => subscription;

        public Action<AmqpMessage> Late { private get; set; } = static _ => { };

        public bool TryReceive(ulong tag, bool redelivered, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, out AmqpMessage element)
        {
            element = new AmqpMessage(tag, redelivered, routingKey, properties, body);
            return true;
        }
    }
}
