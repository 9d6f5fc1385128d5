using Dramatiq.Akka.Brokers.RabbitMq.Connecting;
using Dramatiq.Akka.Brokers.RabbitMq.Streams;
using RabbitMQ.Client;

namespace Dramatiq.Akka.Brokers.RabbitMq.Publishing;

/// <summary>Publishes on one confirming channel, which is opened when it is needed, and anew after it was lost.</summary>
internal sealed class Publisher(ConnectionKeeper connections, RabbitMqSettings settings, Action onNewChannel) : IAsyncDisposable
{
    private readonly SemaphoreSlim _opening = new(1, 1);
    private volatile ConfirmingChannel? _channel;

    /// <summary>Whether RabbitMQ has said that it takes nothing just now.</summary>
    public bool IsBlocked => connections.IsBlocked;

    /// <summary>Publishes in order, and completes when RabbitMQ has answered for every message.</summary>
    /// <returns>Null when all are confirmed; else as long as the batch, with null where a message is.</returns>
    /// <exception cref="BrokerConnectionException">Nothing is known of any message.</exception>
    public async Task<Exception?[]?> PublishAsync(IReadOnlyList<AmqpPublication> batch, CancellationToken cancellationToken)
    {
        await connections.WhenUnblockedAsync(cancellationToken).ConfigureAwait(false);
        var channel = _channel is { Completion.IsCompleted: false } open ? open : await OpenAsync(cancellationToken).ConfigureAwait(false);
        var failures = await channel.PublishAsync(batch, cancellationToken).ConfigureAwait(false);
        if (failures is null)
            return null;

        var lost = 0;
        for (var i = 0; i < failures.Length; i++)
        {
            if (failures[i] is not AmqpEndedException error)
                continue;
            lost++;
            failures[i] = Lost(error);
        }

        return lost < failures.Length ? failures : throw failures[0]!;
    }

    /// <summary>Publishes one message, which must arrive.</summary>
    /// <exception cref="BrokerException">It did not.</exception>
    public async Task PublishAsync(AmqpPublication publication, CancellationToken cancellationToken)
    {
        if (await PublishAsync([publication], cancellationToken).ConfigureAwait(false) is [{ } failure])
            throw failure as BrokerException ?? new BrokerException(failure.Message, failure);
    }

    public async ValueTask DisposeAsync()
    {
        if (_channel is { } channel)
            await channel.DisposeAsync().ConfigureAwait(false);
    }

    private static BrokerConnectionException Lost(AmqpEndedException error) =>
        new($"RabbitMQ had not confirmed when the channel was lost: {error.End}.", error);

    private async Task<ConfirmingChannel> OpenAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_channel is { Completion.IsCompleted: false } open)
                return open;

            if (_channel is { } old)
                await old.DisposeAsync().ConfigureAwait(false);
            _channel = null;
            var connection = await connections.GetAsync(cancellationToken).ConfigureAwait(false);
            var channel = await OpenAsync(connection, cancellationToken).ConfigureAwait(false);
            onNewChannel();
            return _channel = channel;
        }
        finally
        {
            _opening.Release();
        }
    }

    private async Task<ConfirmingChannel> OpenAsync(IConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            return await ConfirmingChannel.OpenAsync(connection, settings.MaxUnconfirmed, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (Topology.QueueDeclarer.IsLostConnection(error))
        {
            throw new BrokerConnectionException($"RabbitMQ did not open a channel: {error.Message}", error);
        }
    }
}
