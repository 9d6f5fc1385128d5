namespace Dramatiq.Akka.Results;

/// <summary>Results in the memory of this process, for tests and for processes that are alone. Whoever shares the object shares the results.</summary>
public sealed class InMemoryResultBackend : IResultBackend
{
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<ResultKey, Stored> _stored = [];
    private readonly Dictionary<ResultKey, Waiting> _waiting = [];
    private readonly PriorityQueue<(ResultKey Key, Stored Stored), long> _expiries = new();
    private readonly TimeProvider _time;
    private readonly ITimer _sweep;
    private long _sweepsAt = long.MaxValue;
    private bool _closed;

    /// <summary>Creates one that is empty.</summary>
    /// <param name="time">The clock by which results expire; null for the system's.</param>
    public InMemoryResultBackend(TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        _sweep = _time.CreateTimer(static backend => ((InMemoryResultBackend)backend!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many are kept.</summary>
    public int Count
    {
        get { lock (_gate) return _stored.Count; }
    }

    /// <summary>How many keys are waited for.</summary>
    public int WaitedFor
    {
        get { lock (_gate) return _waiting.Count; }
    }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <inheritdoc />
    public ValueTask StoreAsync(ResultKey key, ReadOnlyMemory<byte> json, TimeSpan ttl, CancellationToken cancellationToken)
    {
        Waiting? waiting;
        lock (_gate)
        {
            var now = Now;
            SweepDue(now);
            _waiting.Remove(key, out waiting);
            if (ttl > TimeSpan.Zero || ttl == Timeout.InfiniteTimeSpan)
                Keep(key, new Stored(json.ToArray()), ttl, now);
            else
                _stored.Remove(key);
        }

        waiting?.Completion.TrySetResult(json.ToArray());
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask<ReadOnlyMemory<byte>?> FindAsync(ResultKey key, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            SweepDue(Now);
            return ValueTask.FromResult(_stored.TryGetValue(key, out var stored) ? stored.Json : (ReadOnlyMemory<byte>?)null);
        }
    }

    /// <inheritdoc />
    public async Task<ReadOnlyMemory<byte>> WaitAsync(ResultKey key, CancellationToken cancellationToken)
    {
        Waiting? waiting;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            SweepDue(Now);
            if (_stored.TryGetValue(key, out var stored))
                return stored.Json;
            if (!_waiting.TryGetValue(key, out waiting))
                _waiting.Add(key, waiting = new Waiting());
            waiting.Waiters++;
        }

        try
        {
            return await waiting.Completion.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
                if (--waiting.Waiters == 0 && _waiting.TryGetValue(key, out var current) && current == waiting)
                    _waiting.Remove(key);
        }
    }

    /// <summary>Forgets everything. Those who wait are told that it is closed.</summary>
    public ValueTask DisposeAsync()
    {
        _sweep.Dispose();
        Waiting[] waiting;
        lock (_gate)
        {
            _closed = true;
            waiting = [.. _waiting.Values];
            _waiting.Clear();
            _stored.Clear();
            _expiries.Clear();
        }

        foreach (var one in waiting)
            one.Completion.TrySetException(new ObjectDisposedException(nameof(InMemoryResultBackend)));
        return ValueTask.CompletedTask;
    }

    private void Keep(ResultKey key, Stored stored, TimeSpan ttl, long now)
    {
        _stored[key] = stored;
        if (ttl == Timeout.InfiniteTimeSpan)
            return;

        var expiry = now + (long)Math.Ceiling(ttl.TotalMilliseconds);
        _expiries.Enqueue((key, stored), expiry);
        StartSweep(expiry, now);
    }

    private void Sweep()
    {
        lock (_gate)
        {
            _sweepsAt = long.MaxValue;
            var now = Now;
            SweepDue(now);
            if (_expiries.TryPeek(out _, out var next))
                StartSweep(next, now);
        }
    }

    private void SweepDue(long now)
    {
        while (_expiries.TryPeek(out var due, out var expiry) && expiry <= now)
        {
            _expiries.Dequeue();
            if (_stored.TryGetValue(due.Key, out var stored) && stored == due.Stored)
                _stored.Remove(due.Key);
        }
    }

    private void StartSweep(long expiry, long now)
    {
        if (_sweepsAt <= expiry)
            return;

        _sweepsAt = expiry;
        var wait = TimeSpan.FromMilliseconds(Math.Max(1, expiry - now));
        _sweep.Change(wait < LongestTimer ? wait : LongestTimer, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Compared by identity: an expiry is that of one storing, not of one that took its place.</summary>
    private sealed class Stored(ReadOnlyMemory<byte> json)
    {
        public ReadOnlyMemory<byte> Json { get; } = json;
    }

    /// <summary>All who wait for one key.</summary>
    private sealed class Waiting
    {
        public TaskCompletionSource<ReadOnlyMemory<byte>> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Waiters { get; set; }
    }
}
