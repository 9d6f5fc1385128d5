namespace Dramatiq.Akka.Brokers.RabbitMq.Inspection;

/// <summary>Makes one page of what looks come upon. It looks one message further than the page, to know whether there is one.</summary>
/// <param name="request">Which messages.</param>
/// <param name="ids">Which of them, by key or id; null for all.</param>
/// <param name="byKey">Whether keys may be among the ids.</param>
/// <param name="most">How many messages may be held, the passed over ones included.</param>
internal sealed class PageReading(PeekRequest request, MessageIds? ids, bool byKey, long most)
{
    private readonly List<PeekedMessage> _found = [];
    private long _passed;
    private long _lookedAt;
    private long _held;
    private bool _isMore;

    /// <summary>How many may still be held.</summary>
    public long MayHold => Math.Max(0, most - _held);

    /// <summary>How many the page still lacks.</summary>
    public long Lacks => Math.Min(MayHold, request.Offset - _passed + request.Looks - _lookedAt + 1);

    public bool IsFull => _isMore;

    /// <summary>How many were passed over.</summary>
    public long Passed => _passed;

    /// <summary>One that belongs to the queue.</summary>
    public void Visit(LookedAt message)
    {
        if (_isMore)
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

        _lookedAt++;
        if (ids?.Has(byKey ? message.Key : "", message.Body) != false && request.Matches?.Invoke(message.Peeked) != false)
            _found.Add(message.Kept);
    }

    /// <summary>So many were taken, whether or not they belong to the queue.</summary>
    public void Held(long count) => _held += count;

    public PeekedPage Page(bool isEnd) => new(_found, _lookedAt, isEnd && !_isMore);
}
