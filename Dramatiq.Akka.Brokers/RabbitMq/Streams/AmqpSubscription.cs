using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Dramatiq.Akka.Brokers.RabbitMq.Streams;

// Connecting --consume-ok--> Open --CloseAsync, cancelled, lost--> Ended
/// <summary>One materialized source: settles its deliveries, and tells how it ended. Safe to use from several threads.</summary>
public sealed class AmqpSubscription
{
    private readonly AmqpSourceSettings _settings;
    private readonly TaskCompletionSource<AmqpEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly Lock _gate = new();
    private readonly AckWindow _window = new();
    private readonly List<ulong> _stragglers = [];
    private readonly ITimer _timer;
    private IChannel? _channel;
    private string? _consumerTag;
    private bool _timerRuns;
    private bool _isStopped;

    internal AmqpSubscription(AmqpSourceSettings settings)
    {
        _settings = settings;
        _timer = TimeProvider.System.CreateTimer(static state => ((AmqpSubscription)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Completes with how the subscription ended: by us, by a cancelled consumer, a closed channel or a lost connection. Never fails.</summary>
    public Task<AmqpEnd> Completion => _ended.Task;

    /// <summary>Deliveries that are not settled.</summary>
    public int InHand
    {
        get
        {
            lock (_gate)
                return _window.InHandCount;
        }
    }

    /// <summary>Whether RabbitMQ may send more: it is open, not stopped, and has credit left.</summary>
    internal bool HasCredit
    {
        get
        {
            lock (_gate)
                return _channel is not null && !_isStopped && _window.InHandCount + _window.UntoldCount < _settings.Credit;
        }
    }

    internal IChannel? Channel => _channel;

    /// <summary>Acknowledges a delivery: it goes out with its finished neighbours, within a few milliseconds. One that is settled already is passed over.</summary>
    /// <exception cref="AmqpEndedException">The subscription has ended; RabbitMQ delivers again what it was not told about.</exception>
    public ValueTask AckAsync(ulong tag)
    {
        ThrowIfEnded();
        lock (_gate)
            _window.Finish(tag);
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
        lock (_gate)
        {
            if (_isStopped)
                return;
            _isStopped = true;
        }

        if (_channel is { } channel && _consumerTag is { } consumer && !_ended.Task.IsCompleted)
        {
            try
            {
                await channel.BasicCancelAsync(consumer).ConfigureAwait(false);
            }
            catch (Exception error)
            {
                throw Ended(error);
            }
        }
    }

    /// <summary>Tells RabbitMQ what is finished and closes the channel: what is not settled goes back to its queue. Calling twice does nothing.</summary>
    public async ValueTask CloseAsync()
    {
        try
        {
            await FlushAsync(AckFlush.Everything).ConfigureAwait(false);
        }
        catch (AmqpEndedException)
        {
            // It is over already, which is what was asked for.
        }

        await EndAsync(AmqpEnd.Ours).ConfigureAwait(false);
    }

    /// <summary>Marks finished deliveries; <see cref="AcksMayGo"/> sends them.</summary>
    internal bool Finish(ulong tag)
    {
        lock (_gate)
            return _window.Finish(tag);
    }

    internal async ValueTask NackAsync(IReadOnlyList<ulong> tags, bool requeue)
    {
        ThrowIfEnded();
        if (_channel is not { } channel)
            return;

        // Under the same lock as acks: a run must not be sent that counts a tag as told whose own frame is still to come.
        await _sending.WaitAsync().ConfigureAwait(false);
        try
        {
            for (var i = 0; i < tags.Count; i++)
            {
                bool held;
                lock (_gate)
                    held = _window.Take(tags[i]);
                if (held)
                    await channel.BasicNackAsync(tags[i], multiple: false, requeue).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is not AmqpEndedException)
        {
            throw Ended(error);
        }
        finally
        {
            _sending.Release();
        }
    }

    internal bool Holds(ulong tag)
    {
        lock (_gate)
            return _window.Holds(tag);
    }

    internal void Deliver(ulong tag)
    {
        lock (_gate)
            _window.Deliver(tag);
    }

    /// <summary>The channel is consuming.</summary>
    /// <returns>False when the subscription was closed meanwhile.</returns>
    internal bool Open(IChannel channel, string consumerTag)
    {
        lock (_gate)
        {
            _channel = channel;
            _consumerTag = consumerTag;
        }

        return !_ended.Task.IsCompleted;
    }

    internal void ThrowIfEnded()
    {
        if (_ended.Task.IsCompletedSuccessfully)
            throw new AmqpEndedException(_ended.Task.GetAwaiter().GetResult());
    }

    /// <summary>Sends a finished run if it is long enough or nothing else is in hand; else starts the timer that will.</summary>
    internal ValueTask AcksMayGo()
    {
        lock (_gate)
        {
            if (_window.UntoldCount == 0)
                return ValueTask.CompletedTask;

            if (_window.InHandCount > 0 && (_window.UntoldCount < _settings.FullRun || _window.RunLength() < _settings.FullRun))
            {
                StartTimer();
                return ValueTask.CompletedTask;
            }
        }

        return FlushAsync(AckFlush.Run);
    }

    internal async Task EndAsync(AmqpEnd end)
    {
        if (!_ended.TrySetResult(end))
            return;

        await _timer.DisposeAsync().ConfigureAwait(false);
        if (_channel is not { } channel)
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

    private void StartTimer()
    {
        if (_timerRuns)
            return;

        _timerRuns = true;
        _timer.Change(_settings.AckDelay, Timeout.InfiniteTimeSpan);
    }

    private void OnTimer()
    {
        lock (_gate)
            _timerRuns = false;
        _ = FlushQuietlyAsync();
    }

    private async Task FlushQuietlyAsync()
    {
        try
        {
            await FlushAsync(AckFlush.RunAndStragglers).ConfigureAwait(false);
        }
        catch (AmqpEndedException)
        {
            // Whoever waits for the stream hears of it there.
        }
    }

    private async ValueTask FlushAsync(AckFlush flush)
    {
        if (_channel is not { } channel)
            return;

        // One at a time: a shorter run that overtook a longer one would name a tag that RabbitMQ has forgotten, which closes the channel.
        await _sending.WaitAsync().ConfigureAwait(false);
        try
        {
            ulong run;
            _stragglers.Clear();
            lock (_gate)
            {
                run = _window.TakeRun();
                if (flush is not AckFlush.Run)
                    _window.TakeStragglers(_stragglers, evenNewOnes: flush is AckFlush.Everything);
                if (_window.UntoldCount > 0)
                    StartTimer();
            }

            if (run > 0)
                await channel.BasicAckAsync(run, multiple: true).ConfigureAwait(false);
            foreach (var tag in _stragglers)
                await channel.BasicAckAsync(tag, multiple: false).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not AmqpEndedException)
        {
            throw Ended(error);
        }
        finally
        {
            _sending.Release();
        }
    }

    private AmqpEndedException Ended(Exception error) => new(
        _ended.Task.IsCompletedSuccessfully ? _ended.Task.GetAwaiter().GetResult() : new AmqpEnd(AmqpEndKind.ConnectionLost, 0, error.Message), error);

    private enum AckFlush
    {
        Run,
        RunAndStragglers,
        Everything,
    }
}
