namespace Dramatiq.Akka.Brokers.RabbitMq.Inspection;

/// <summary>
/// Makes one page of what looks come upon. It looks one message further than the page, to know whether there is one. Whoever cannot wait for the end of the look takes the page as it is; what
/// the look comes upon later is not in it.
/// </summary>
/// <param name="request">Which messages.</param>
/// <param name="ids">Which of them, by key or id; null for all.</param>
/// <param name="byKey">Whether keys may be among the ids.</param>
/// <param name="most">How many messages may be held, the passed over ones included.</param>
/// <param name="time">Measures how long it looks.</param>
internal sealed class PageReading(PeekRequest request, MessageIds? ids, bool byKey, long most, TimeProvider time)
{
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(5);

    private readonly long _began = time.GetTimestamp();
    private readonly Lock _turn = new();
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<PeekedMessage> _found = [];
    private long _passed;
    private long _lookedAt;
    private long _held;
    private bool _isMore;
    private bool _isTaken;

    /// <summary>How many may still be held.</summary>
    public long MayHold => Math.Max(0, most - _held);

    /// <summary>How many the page still lacks.</summary>
    public long Lacks => Math.Min(MayHold, request.Offset - _passed + request.Looks - _lookedAt + 1);

    /// <summary>Whether to look no further: the page is full, or its time is over.</summary>
    public bool IsEnough => _isMore || _isTaken || (_lookedAt > 0 && request.LookFor is { } patience && time.GetElapsedTime(_began) >= patience);

    /// <summary>How many were passed over.</summary>
    public long Passed => _passed;

    /// <summary>One that belongs to the queue.</summary>
    public void Visit(LookedAt message)
    {
        lock (_turn)
            Read(message);
    }

    private void Read(LookedAt message)
    {
        if (_isMore || _isTaken)
            return;

        if (_passed < request.Offset)
        {
            _passed++;
            return;
        }

        if (_found.Count == request.Count || _lookedAt == request.Looks)
        {
            _isMore = true;
            return;
        }

        if (++_lookedAt == 1)
            _first.SetResult();
        if (ids?.Has(byKey ? message.Key : "", message.Body) != false && request.Matches?.Invoke(message.Peeked) != false)
            _found.Add(message.Kept);
    }

    /// <summary>So many were taken, whether or not they belong to the queue.</summary>
    public void Held(long count) => _held += count;

    /// <summary>Completes when there was nothing for so long, but something is there.</summary>
    public async Task OverdueAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        await Task.Delay(patience, time, cancellationToken).ConfigureAwait(false);
        if (_first.Task.IsCompleted)
            return;

        // What comes at last comes in one go.
        await _first.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        await Task.Delay(Burst, time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The page, which is then as it is.</summary>
    public PeekedPage Page(bool isEnd)
    {
        lock (_turn)
        {
            _isTaken = true;
            return new PeekedPage(_found, _lookedAt, isEnd && !_isMore);
        }
    }
}
