using System.Globalization;

namespace Dramatiq.Akka.RateLimits;

/// <summary>Counters of one process: for tests, and for limits that no other process shares.</summary>
/// <param name="time">The clock; the system's if null.</param>
public sealed class InMemoryRateLimiterBackend(TimeProvider? time = null) : IRateLimiterBackend
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly long _start = (time ?? TimeProvider.System).GetTimestamp();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, MemoryCounter> _counters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TaskCompletionSource> _watched = new(StringComparer.Ordinal);
    private int _untilSweep = SweepEvery;

    /// <summary>Counters that nobody asks for any more are dropped once in so many writes.</summary>
    private const int SweepEvery = 1_024;

    /// <inheritdoc />
    public ValueTask<bool> AddAsync(string key, long value, TimeSpan ttl, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (Find(key) is not null)
                return ValueTask.FromResult(false);

            Write(key, value, ttl);
            return ValueTask.FromResult(true);
        }
    }

    /// <inheritdoc />
    public ValueTask<bool> IncrementAsync(string key, long amount, long maximum, TimeSpan ttl, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return ValueTask.FromResult(Add(key, amount, maximum, ttl));
    }

    /// <inheritdoc />
    public ValueTask<bool> DecrementAsync(string key, long amount, long minimum, TimeSpan ttl, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var value = ValueOf(key) - amount;
            if (value < minimum)
                return ValueTask.FromResult(false);

            Write(key, value, ttl);
            return ValueTask.FromResult(true);
        }
    }

    /// <inheritdoc />
    public ValueTask<bool> IncrementAndSumAsync(IReadOnlyList<string> keys, long amount, long maximum, TimeSpan ttl, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfZero(keys.Count);
        lock (_gate)
        {
            var sum = amount;
            for (var i = 0; i < keys.Count; i++)
                sum += ValueOf(keys[i]);
            if (sum > maximum)
                return ValueTask.FromResult(false);

            Write(keys[0], ValueOf(keys[0]) + amount, ttl);
            return ValueTask.FromResult(true);
        }
    }

    /// <inheritdoc />
    public ValueTask<TimeSpan?> AddToBucketAsync(string key, int limit, TimeSpan bucket, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var length = (long)bucket.TotalMilliseconds;
            var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
            var begin = now - now % length;
            return ValueTask.FromResult<TimeSpan?>(Add(NameAt(key, begin), 1, limit, bucket) ? null : TimeSpan.FromMilliseconds(begin + length - now));
        }
    }

    /// <inheritdoc />
    public ValueTask<TimeSpan?> AddToWindowAsync(string key, int limit, int seconds, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
            var second = now / 1_000;
            long sum = 0, first = second;
            for (var at = second; at > second - seconds; at--)
            {
                if (ValueOf(NameAt(key, at)) is not (> 0 and var count))
                    continue;
                sum += count;
                first = at;
            }

            if (sum >= limit)
                return ValueTask.FromResult<TimeSpan?>(TimeSpan.FromMilliseconds((first + seconds) * 1_000 - now));

            Write(NameAt(key, second), ValueOf(NameAt(key, second)) + 1, TimeSpan.FromSeconds(seconds));
            return ValueTask.FromResult<TimeSpan?>(null);
        }
    }

    /// <inheritdoc />
    public ValueTask<TimeSpan?> TakeSlotAsync(string key, string holder, int limit, TimeSpan lease, TimeSpan ttl, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var counter = Swept(key);
            if (counter is not null && counter.Leases.ContainsKey(holder))
                return ValueTask.FromResult<TimeSpan?>(null);

            if (counter is not null && counter.Value >= limit)
                return ValueTask.FromResult<TimeSpan?>(TimeSpan.FromMilliseconds(Math.Max(1, counter.NextChangeAt - Now)));

            counter = Write(key, (counter?.Value ?? 0) + 1, ttl > lease ? ttl : lease);
            counter.Leases.Add(holder, Now + (long)lease.TotalMilliseconds);
            return ValueTask.FromResult<TimeSpan?>(null);
        }
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<(string Key, string Holder)>> RenewSlotsAsync(
        IReadOnlyList<(string Key, string Holder)> slots, TimeSpan lease, TimeSpan ttl, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var lost = new List<(string, string)>();
        lock (_gate)
        {
            foreach (var slot in slots)
            {
                if (Swept(slot.Key) is not { } counter || !counter.Leases.ContainsKey(slot.Holder))
                {
                    lost.Add(slot);
                    continue;
                }

                counter.Leases[slot.Holder] = Now + (long)lease.TotalMilliseconds;
                counter.ExpiresAt = Now + (long)(ttl > lease ? ttl : lease).TotalMilliseconds;
            }
        }

        return ValueTask.FromResult<IReadOnlyList<(string, string)>>(lost);
    }

    /// <inheritdoc />
    public ValueTask ReleaseSlotAsync(string key, string holder, TimeSpan ttl, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (Swept(key) is { } counter && counter.Leases.Remove(holder))
                Write(key, Math.Max(0, counter.Value - 1), ttl);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask<CounterWatch> WatchAsync(string key, CancellationToken cancellationToken)
    {
        lock (_gate)
            return ValueTask.FromResult(new CounterWatch(Watched(key)));
    }

    /// <inheritdoc />
    public ValueTask<BarrierArrival> ArriveAsync(string key, string member, TimeSpan ttl, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (Find(key) is not { } counter)
                return ValueTask.FromResult(BarrierArrival.Unknown);

            if (counter.Arrived.TryGetValue(member, out var earlier))
                return ValueTask.FromResult(earlier);

            var isReached = counter.Value <= 1;
            var arrival = isReached && Find(EventsOf(key)) is null ? BarrierArrival.IsLast : BarrierArrival.Waits;
            counter.Arrived.Add(member, arrival);
            counter.ExpiresAt = Math.Max(counter.ExpiresAt, Now + (long)ttl.TotalMilliseconds);
            if (!isReached)
                counter.Value--;
            else if (arrival is BarrierArrival.IsLast)
                Write(EventsOf(key), 1, ttl);
            return ValueTask.FromResult(arrival);
        }
    }

    /// <inheritdoc />
    public async ValueTask<bool> WaitAsync(string key, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Task announced;
        lock (_gate)
        {
            if (Find(EventsOf(key)) is not null)
                return true;
            announced = Watched(EventsOf(key));
        }

        try
        {
            await announced.WaitAsync(timeout, _time, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <inheritdoc />
    public ValueTask NotifyAsync(string key, TimeSpan ttl, CancellationToken cancellationToken)
    {
        lock (_gate)
            Write(EventsOf(key), 1, ttl);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private long Now => (long)_time.GetElapsedTime(_start).TotalMilliseconds;

    private static string EventsOf(string key) => key + "@events";

    private static string NameAt(string key, long at) => string.Create(CultureInfo.InvariantCulture, $"{key}@{at}");

    private bool Add(string key, long amount, long maximum, TimeSpan ttl)
    {
        var value = ValueOf(key) + amount;
        if (value > maximum)
            return false;

        Write(key, value, ttl);
        return true;
    }

    private long ValueOf(string key) => Find(key)?.Value ?? 0;

    private MemoryCounter? Find(string key)
    {
        if (!_counters.TryGetValue(key, out var counter))
            return null;

        if (!counter.IsOver(Now))
            return counter;

        _counters.Remove(key);
        return null;
    }

    /// <summary>The counter, without the slots whose leases have lapsed.</summary>
    private MemoryCounter? Swept(string key)
    {
        if (Find(key) is { } counter && counter.DropLapsed(Now))
            Changed(key);
        return Find(key);
    }

    private MemoryCounter Write(string key, long value, TimeSpan ttl)
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

    private void Sweep()
    {
        _untilSweep = Math.Max(SweepEvery, _counters.Count);
        var now = Now;
        foreach (var (key, counter) in _counters)
            if (counter.IsOver(now))
                _counters.Remove(key);
    }

    private Task Watched(string key)
    {
        if (!_watched.TryGetValue(key, out var watch))
            _watched.Add(key, watch = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        return watch.Task;
    }

    private void Changed(string key)
    {
        if (_watched.Remove(key, out var watch))
            watch.TrySetResult();
    }
}
