using RabbitMQ.Client;

namespace Dramatiq.Akka.Brokers.RabbitMq.Streams;

/// <summary>How much of what is finished goes out.</summary>
internal enum AckFlush
{
    /// <summary>The finished run from the oldest tag on.</summary>
    Run,

    /// <summary>Also what has waited behind an unfinished tag since the last time.</summary>
    RunAndStragglers,

    /// <summary>All that is finished.</summary>
    Everything,
}

/// <summary>Tells RabbitMQ what is finished on one channel: in runs, soon, in order. Safe to use from several threads; whatever the channel throws comes out of it.</summary>
internal sealed class AckSender : IAsyncDisposable
{
    private readonly AmqpSourceSettings _settings;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly Lock _gate = new();
    private readonly AckWindow _window = new();
    private readonly List<ulong> _stragglers = [];
    private readonly ITimer _timer;
    private bool _timerRuns;

    public AckSender(AmqpSourceSettings settings)
    {
        _settings = settings;
        _timer = TimeProvider.System.CreateTimer(static state => ((AckSender)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Null until the channel is open.</summary>
    public IChannel? Channel { get; set; }

    public int InHand
    {
        get
        {
            lock (_gate)
                return _window.InHandCount;
        }
    }

    /// <summary>What RabbitMQ holds against the credit.</summary>
    public int Unacked
    {
        get
        {
            lock (_gate)
                return _window.InHandCount + _window.UntoldCount;
        }
    }

    public bool Holds(ulong tag)
    {
        lock (_gate)
            return _window.Holds(tag);
    }

    public void Deliver(ulong tag)
    {
        lock (_gate)
            _window.Deliver(tag);
    }

    public bool Finish(ulong tag)
    {
        lock (_gate)
            return _window.Finish(tag);
    }

    /// <summary>Sends a finished run if it is long enough or nothing else is in hand; else starts the timer that will.</summary>
    public ValueTask MayGoAsync()
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

    public async ValueTask FlushAsync(AckFlush flush)
    {
        if (Channel is not { } channel)
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
        finally
        {
            _sending.Release();
        }
    }

    public async ValueTask NackAsync(IReadOnlyList<ulong> tags, bool requeue)
    {
        if (Channel is not { } channel)
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
        finally
        {
            _sending.Release();
        }
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

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
        catch (Exception)
        {
            // The channel is closed: whoever waits for the stream hears of it there.
        }
    }
}
