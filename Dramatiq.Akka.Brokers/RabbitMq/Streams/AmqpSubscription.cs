using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Dramatiq.Akka.Brokers.RabbitMq.Streams;

// Connecting --consume-ok--> Open --CloseAsync, cancelled, lost--> Ended
/// <summary>One materialized source: settles its deliveries, and tells how it ended. Safe to use from several threads.</summary>
public sealed class AmqpSubscription
{
    private readonly AmqpSourceSettings _settings;
    private readonly AckSender _acks;
    private readonly TaskCompletionSource<AmqpEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _consumerTag;
    private int _isStopped;
    private int _isEnding;

    internal AmqpSubscription(AmqpSourceSettings settings)
    {
        _settings = settings;
        _acks = new AckSender(settings);
    }

    /// <summary>Completes with how the subscription ended: by us, by a cancelled consumer, a closed channel or a lost connection. Never fails.</summary>
    public Task<AmqpEnd> Completion => _ended.Task;

    /// <summary>Deliveries that are not settled.</summary>
    public int InHand => _acks.InHand;

    /// <summary>Whether it was asked for no more deliveries.</summary>
    internal bool IsStopped => Volatile.Read(ref _isStopped) == 1;

    /// <summary>Whether RabbitMQ may send more: it is open, not stopped, and has credit left.</summary>
    internal bool HasCredit => Channel is not null && !IsStopped && _acks.Unacked < _settings.Credit;

    /// <summary>Told of the end before anybody else is, and so before another subscription is opened in its place. Set once, before there are deliveries; it must not throw.</summary>
    internal Action<AmqpEnd>? Ending { get; set; }

    internal IChannel? Channel => _acks.Channel;

    internal string? ConsumerTag => _consumerTag;

    /// <summary>Acknowledges a delivery: it goes out with its finished neighbours, within a few milliseconds. One that is settled already is passed over.</summary>
    /// <exception cref="AmqpEndedException">The subscription has ended; RabbitMQ delivers again what it was not told about.</exception>
    public ValueTask AckAsync(ulong tag)
    {
        ThrowIfEnded();
        _acks.Finish(tag);
        return AcksMayGo();
    }

    /// <summary>Gives a delivery back: to its queue, or to the queue's dead-letter exchange.</summary>
    /// <param name="tag">The delivery. One that is settled already is passed over.</param>
    /// <param name="requeue">Whether it goes back to the queue, to where it stood.</param>
    /// <exception cref="AmqpEndedException">The subscription has ended; RabbitMQ delivers again what it was not told about.</exception>
    public ValueTask NackAsync(ulong tag, bool requeue) => NackAsync([tag], requeue);

    /// <summary>Asks for no more deliveries. Those at hand can still be settled.</summary>
    public async ValueTask StopAsync()
    {
        if (Interlocked.Exchange(ref _isStopped, 1) == 1 || _ended.Task.IsCompleted || Channel is not { } channel || _consumerTag is not { } consumer)
            return;

        try
        {
            await channel.BasicCancelAsync(consumer).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            throw Ended(error);
        }
    }

    /// <summary>Tells RabbitMQ what is finished and closes the channel: what is not settled goes back to its queue. Calling twice does nothing.</summary>
    public async ValueTask CloseAsync()
    {
        try
        {
            await _acks.FlushAsync(AckFlush.Everything).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // It is over already, which is what was asked for.
        }

        await EndAsync(AmqpEnd.Ours).ConfigureAwait(false);
    }

    /// <summary>Marks a delivery as finished; <see cref="AcksMayGo"/> sends it.</summary>
    internal bool Finish(ulong tag) => _acks.Finish(tag);

    internal bool Holds(ulong tag) => _acks.Holds(tag);

    internal void Deliver(ulong tag) => _acks.Deliver(tag);

    internal async ValueTask NackAsync(IReadOnlyList<ulong> tags, bool requeue)
    {
        ThrowIfEnded();
        try
        {
            await _acks.NackAsync(tags, requeue).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            throw Ended(error);
        }
    }

    /// <summary>The channel is about to consume.</summary>
    internal void Open(IChannel channel, string consumerTag)
    {
        _consumerTag = consumerTag;
        _acks.Channel = channel;
    }

    internal void ThrowIfEnded()
    {
        if (_ended.Task.IsCompletedSuccessfully)
            throw new AmqpEndedException(_ended.Task.GetAwaiter().GetResult());
    }

    internal ValueTask AcksMayGo()
    {
        var going = _acks.MayGoAsync();
        return going.IsCompletedSuccessfully ? ValueTask.CompletedTask : AwaitAsync(going);

        async ValueTask AwaitAsync(ValueTask task)
        {
            try
            {
                await task.ConfigureAwait(false);
            }
            catch (Exception error)
            {
                throw Ended(error);
            }
        }
    }

    /// <summary>Sends every ack, and completes when RabbitMQ has worked through them: the order after them is answered.</summary>
    internal async Task SettledAtServerAsync()
    {
        try
        {
            await _acks.FlushAsync(AckFlush.Everything).ConfigureAwait(false);
            if (Channel is { } channel)
                await channel.BasicQosAsync(0, _settings.Credit, global: false).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            throw Ended(error);
        }
    }

    internal async Task EndAsync(AmqpEnd end)
    {
        if (Interlocked.Exchange(ref _isEnding, 1) == 1)
            return;

        Ending?.Invoke(end);
        _ended.SetResult(end);
        await _acks.DisposeAsync().ConfigureAwait(false);
        if (Channel is not { } channel)
            return;

        try
        {
            if (channel.IsOpen)
                await channel.CloseAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is AlreadyClosedException or OperationInterruptedException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // A channel that cannot be closed any more is closed.
        }

        await channel.DisposeAsync().ConfigureAwait(false);
    }

    private AmqpEndedException Ended(Exception error) => new(
        _ended.Task.IsCompletedSuccessfully ? _ended.Task.GetAwaiter().GetResult() : new AmqpEnd(AmqpEndKind.ConnectionLost, 0, error.Message), error);
}
