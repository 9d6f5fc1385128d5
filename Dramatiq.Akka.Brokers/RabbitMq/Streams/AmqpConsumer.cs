using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Dramatiq.Akka.Brokers.RabbitMq.Streams;

/// <summary>What RabbitMQ.Client calls for each delivery: takes the body out of the client's buffer, once, and passes it on.</summary>
internal sealed class AmqpConsumer<T> : IAsyncBasicConsumer
{
    private readonly AmqpSubscription _subscription;
    private readonly IAmqpReceiver<T> _receiver;
    private readonly DeliveryBuffer<T> _buffer;

    private AmqpConsumer(IChannel channel, AmqpSubscription subscription, IAmqpReceiver<T> receiver, DeliveryBuffer<T> buffer)
    {
        Channel = channel;
        _subscription = subscription;
        _receiver = receiver;
        _buffer = buffer;
        receiver.Late = buffer.Add;
    }

    public IChannel Channel { get; }

    IChannel? IAsyncBasicConsumer.Channel => Channel;

    /// <summary>Connects, opens a channel with the credit, and consumes.</summary>
    public static async Task StartAsync(
        Func<CancellationToken, Task<IConnection>> connect,
        AmqpSourceSettings settings,
        AmqpSubscription subscription,
        IAmqpReceiver<T> receiver,
        DeliveryBuffer<T> buffer,
        CancellationToken cancellationToken)
    {
        subscription.ThrowIfEnded();
        var connection = await connect(cancellationToken).ConfigureAwait(false);
        var channel = await connection.CreateChannelAsync(new CreateChannelOptions(false, false, consumerDispatchConcurrency: 1), cancellationToken).ConfigureAwait(false);
        channel.ChannelShutdownAsync += (_, reason) =>
        {
            _ = subscription.EndAsync(AmqpEnd.Of(reason, connection.IsOpen));
            return Task.CompletedTask;
        };

        try
        {
            await channel.BasicQosAsync(0, settings.Credit, global: false, cancellationToken).ConfigureAwait(false);
            var consumer = new AmqpConsumer<T>(channel, subscription, receiver, buffer);
            var tag = $"dramatiq-{Guid.NewGuid():N}";
            subscription.Open(channel, tag);
            await channel.BasicConsumeAsync(settings.Queue, autoAck: false, tag, noLocal: false, exclusive: false, null, consumer, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await channel.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        if (subscription.Completion.IsCompleted && channel.IsOpen)
            await channel.CloseAsync(CancellationToken.None).ConfigureAwait(false);
    }

    public Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey,
        IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        _subscription.Deliver(deliveryTag);
        if (_receiver.TryReceive(deliveryTag, redelivered, routingKey, properties, body.ToArray(), out var element))
            _buffer.Add(element);
        return Task.CompletedTask;
    }

    public Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        _ = _subscription.EndAsync(new AmqpEnd(AmqpEndKind.ConsumerCancelled, 0, "the queue was deleted, or is not available"));
        return Task.CompletedTask;
    }

    public Task HandleBasicCancelOkAsync(string consumerTag, CancellationToken cancellationToken = default) => Task.CompletedTask;

    public Task HandleBasicConsumeOkAsync(string consumerTag, CancellationToken cancellationToken = default) => Task.CompletedTask;

    public Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason) => Task.CompletedTask;
}
