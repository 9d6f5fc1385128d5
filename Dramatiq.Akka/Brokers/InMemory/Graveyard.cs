namespace Dramatiq.Akka.Brokers.InMemory;

/// <summary>The dead letters of one queue, oldest first. Guarded by the queue's lock.</summary>
internal sealed class Graveyard(TimeProvider clock, TimeSpan ttl)
{
    private Queue<Grave> _graves = new();
    private long _lastNumber;

    public int Count
    {
        get
        {
            DropExpired();
            return _graves.Count;
        }
    }

    public void Add(ReadOnlyMemory<byte> body, Exception? cause)
    {
        DropExpired();
        _graves.Enqueue(new Grave(++_lastNumber, body, cause, clock.GetUtcNow()));
    }

    public Grave? First()
    {
        DropExpired();
        return _graves.TryPeek(out var first) ? first : null;
    }

    public Grave[] ToArray()
    {
        DropExpired();
        return [.. _graves];
    }

    /// <summary>From the one that died first.</summary>
    public IEnumerable<Grave> InOrder()
    {
        DropExpired();
        return _graves;
    }

    /// <summary>Takes out what the predicate names.</summary>
    public List<Grave> RemoveAll(Predicate<Grave> names)
    {
        DropExpired();
        var (kept, removed) = (new Queue<Grave>(), new List<Grave>());
        foreach (var grave in _graves)
        {
            if (names(grave)) removed.Add(grave);
            else kept.Enqueue(grave);
        }

        _graves = kept;
        return removed;
    }

    public int Clear()
    {
        var count = Count;
        _graves.Clear();
        return count;
    }

    // Letters die in the order of time, so the expired ones are all in front.
    private void DropExpired()
    {
        if (ttl == Timeout.InfiniteTimeSpan || _graves.Count == 0) return;
        var now = clock.GetUtcNow();
        while (_graves.TryPeek(out var oldest) && now - oldest.DiedAt >= ttl) _graves.Dequeue();
    }
}

/// <summary>One dead letter, numbered within its queue.</summary>
internal sealed record Grave(long Number, ReadOnlyMemory<byte> Body, Exception? Cause, DateTimeOffset DiedAt);
