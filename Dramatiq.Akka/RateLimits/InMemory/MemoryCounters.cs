namespace Dramatiq.Akka.RateLimits;

/// <summary>Counters by key, which go when their time is over, and who watches them. Whoever uses it holds the lock of the backend.</summary>
internal sealed class MemoryCounters(TimeProvider time)
{
    /// <summary>Counters that nobody asks for any more are dropped once in so many writes.</summary>
    private const int SweepEvery = 1_024;

    private readonly long _start = time.GetTimestamp();
    private readonly Dictionary<string, MemoryCounter> _counters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MemoryWatch> _watched = new(StringComparer.Ordinal);
    private int _untilSweep = SweepEvery;

    /// <summary>Milliseconds since the start, which no change of the wall clock disturbs.</summary>
    public long Now => (long)time.GetElapsedTime(_start).TotalMilliseconds;

    public MemoryCounter? Find(string key)
    {
        if (!_counters.TryGetValue(key, out var counter))
            return null;

        if (!counter.IsOver(Now))
            return counter;

        _counters.Remove(key);
        return null;
    }

    public long ValueOf(string key) => Find(key)?.Value ?? 0;

    /// <returns>Whether it was added: else the counter would come above the maximum.</returns>
    public bool Add(string key, long amount, long maximum, TimeSpan ttl)
    {
        var value = ValueOf(key) + amount;
        if (value > maximum)
            return false;

        Write(key, value, ttl);
        return true;
    }

    /// <summary>The counter, without the slots whose leases have lapsed.</summary>
    public MemoryCounter? Swept(string key)
    {
        var counter = Find(key);
        if (counter is not null && counter.DropLapsed(Now))
            Changed(key);
        return counter;
    }

    public MemoryCounter Write(string key, long value, TimeSpan ttl)
    {
        if (--_untilSweep == 0)
            Sweep();
        var counter = Find(key);
        if (counter is null)
            _counters.Add(key, counter = new MemoryCounter());
        counter.Value = value;
        counter.ExpiresAt = Now + (long)ttl.TotalMilliseconds;
        Changed(key);
        return counter;
    }

    /// <summary>How many keys are watched.</summary>
    public int WatchedKeys => _watched.Count;

    /// <summary>Completes at the next change, be it that somebody watches then or not.</summary>
    public Task Watched(string key)
    {
        var watch = WatchOf(key);
        watch.IsKept = true;
        return watch.Changed;
    }

    /// <summary>The same for as long as the caller waits: who has done so leaves.</summary>
    public MemoryWatch Join(string key)
    {
        var watch = WatchOf(key);
        watch.Waiters++;
        return watch;
    }

    public void Leave(string key, MemoryWatch watch)
    {
        if (--watch.Waiters == 0 && !watch.IsKept && _watched.TryGetValue(key, out var current) && current == watch)
            _watched.Remove(key);
    }

    private MemoryWatch WatchOf(string key)
    {
        if (!_watched.TryGetValue(key, out var watch))
            _watched.Add(key, watch = new MemoryWatch());
        return watch;
    }

    private void Changed(string key)
    {
        if (_watched.Remove(key, out var watch))
            watch.Tell();
    }

    private void Sweep()
    {
        _untilSweep = Math.Max(SweepEvery, _counters.Count);
        var now = Now;
        foreach (var (key, counter) in _counters)
            if (counter.IsOver(now))
                _counters.Remove(key);
    }
}
