namespace Dramatiq.Akka.Brokers.InMemory;

/// <summary>The dead letters of one queue, oldest first. Guarded by the queue's lock.</summary>
internal sealed class Graveyard(TimeProvider clock, TimeSpan ttl)
{
    private Queue<Grave> _graves = new();

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
        _graves.Enqueue(new Grave(body, cause, clock.GetUtcNow()));
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

    /// <summary>Puts the others in place of all: those that were not requeued.</summary>
    public void Keep(Queue<Grave> graves) => _graves = graves;

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

/// <summary>One dead letter.</summary>
internal sealed record Grave(ReadOnlyMemory<byte> Body, Exception? Cause, DateTimeOffset DiedAt);
