using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Dramatiq.Akka.Brokers.RabbitMq.Streams;

/// <summary>
/// A channel whose messages are confirmed, many of them in flight. The client's own tracking would put a header into each message and a task beside it;
/// here one ring of pending messages and one task a batch do, and what comes back is known by its bytes.
/// </summary>
internal sealed class ConfirmingChannel : IAsyncDisposable
{
    private readonly IChannel _channel;
    private readonly IConnection _connection;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly SemaphoreSlim _places;
    private readonly Lock _gate = new();
    private readonly PendingConfirms _pending;
    private readonly TaskCompletionSource<AmqpEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ConfirmingChannel(IConnection connection, IChannel channel, int window)
    {
        _connection = connection;
        _channel = channel;
        _places = new SemaphoreSlim(window, window);
        _pending = new PendingConfirms(window);
        channel.BasicAcksAsync += (_, ack) => OnConfirm(ack.DeliveryTag, ack.Multiple, taken: true);
        channel.BasicNacksAsync += (_, nack) => OnConfirm(nack.DeliveryTag, nack.Multiple, taken: false);
        channel.BasicReturnAsync += OnReturn;
        channel.ChannelShutdownAsync += OnShutdown;
    }

    /// <summary>Completes with how the channel ended. Never fails.</summary>
    public Task<AmqpEnd> Completion => _ended.Task;

    /// <param name="connection">Where. It stays the caller's.</param>
    /// <param name="window">How many messages may be unconfirmed; the next ones wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<ConfirmingChannel> OpenAsync(IConnection connection, int window, CancellationToken cancellationToken)
    {
        var options = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false, outstandingPublisherConfirmationsRateLimiter: null);
        var channel = await connection.CreateChannelAsync(options, cancellationToken).ConfigureAwait(false);
        return new ConfirmingChannel(connection, channel, window);
    }

    /// <summary>Publishes in order, and completes when RabbitMQ has answered for every message.</summary>
    /// <param name="batch">The messages: 1 or more. They are left alone until completion.</param>
    /// <param name="cancellationToken">Ends the wait; messages may have been published all the same.</param>
    /// <returns>Null when all are confirmed; else as long as the batch, with null where a message is: <see cref="AmqpRefusedException"/> or <see cref="AmqpEndedException"/> elsewhere.</returns>
    public async Task<Exception?[]?> PublishAsync(IReadOnlyList<AmqpPublication> batch, CancellationToken cancellationToken)
    {
        var confirms = new ConfirmedBatch(batch.Count);
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            for (var i = 0; i < batch.Count; i++)
                await WriteAsync(confirms, batch[i], i, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }

        return await confirms.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        End(AmqpEnd.Ours);
        await _channel.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask WriteAsync(ConfirmedBatch confirms, AmqpPublication publication, int index, CancellationToken cancellationToken)
    {
        if (!_places.Wait(0, CancellationToken.None))
            await _places.WaitAsync(cancellationToken).ConfigureAwait(false);

        var properties = new BasicProperties { DeliveryMode = DeliveryModes.Persistent };
        if (publication.Priority is { } priority)
            properties.Priority = priority;
        if (publication.Headers is { } headers)
            properties.Headers = new Dictionary<string, object?>(headers);

        lock (_gate)
        {
            if (_ended.Task.IsCompletedSuccessfully)
            {
                confirms.Settle(index, new AmqpEndedException(_ended.Task.GetAwaiter().GetResult()));
                _places.Release();
                return;
            }

            _pending.Add(confirms, index, publication);
        }

        try
        {
            // Not with the caller's token: a write that is given up half-way would leave the client's numbering and ours apart.
            var writing = _channel.BasicPublishAsync(publication.Exchange, publication.RoutingKey, mandatory: true, properties, publication.Body, CancellationToken.None);
            if (!writing.IsCompletedSuccessfully)
                await WrittenOrEndedAsync(writing.AsTask()).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            End(new AmqpEnd(AmqpEndKind.ConnectionLost, 0, error.Message));
        }
    }

    /// <summary>A write that waits for room is never told that its connection was lost: the client's own end waits for that write.</summary>
    private async Task WrittenOrEndedAsync(Task writing)
    {
        if (await Task.WhenAny(writing, _ended.Task).ConfigureAwait(false) == writing)
            await writing.ConfigureAwait(false);
        else
            _ = writing.ContinueWith(static late => late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);   // nobody else looks at it
    }

    private Task OnConfirm(ulong sequence, bool multiple, bool taken)
    {
        int freed;
        lock (_gate)
            freed = _pending.Settle(sequence, multiple, taken);
        if (freed > 0)
            _places.Release(freed);
        return Task.CompletedTask;
    }

    private Task OnReturn(object sender, BasicReturnEventArgs returned)
    {
        lock (_gate)
            _pending.Return(returned.RoutingKey, returned.Body.Span, returned.ReplyCode, returned.ReplyText);
        return Task.CompletedTask;
    }

    private Task OnShutdown(object sender, ShutdownEventArgs reason)
    {
        End(AmqpEnd.Of(reason, _connection.IsOpen));
        return Task.CompletedTask;
    }

    private void End(AmqpEnd end)
    {
        if (!_ended.TrySetResult(end))
            return;

        int freed;
        lock (_gate)
        {
            freed = _pending.Count;
            _pending.FailAll(new AmqpEndedException(end));
        }

        if (freed > 0)
            _places.Release(freed);
    }
}
