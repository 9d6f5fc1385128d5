using System.Globalization;

namespace Dramatiq.Akka.RateLimits;

/// <summary>Counters of one process: for tests, and for limits that no other process shares.</summary>
/// <param name="time">The clock; the system's if null.</param>
public sealed class InMemoryRateLimiterBackend(TimeProvider? time = null) : IRateLimiterBackend
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Lock _gate = new();
    private readonly MemoryCounters _counters = new(time ?? TimeProvider.System);

    /// <summary>How many keys are watched.</summary>
    internal int Watched
    {
        get { lock (_gate) return _counters.WatchedKeys; }
    }

    /// <inheritdoc />
    public ValueTask<bool> AddAsync(string key, long value, TimeSpan ttl, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_counters.Find(key) is not null)
                return ValueTask.FromResult(false);

            _counters.Write(key, value, ttl);
            return ValueTask.FromResult(true);
        }
    }

    /// <inheritdoc />
    public ValueTask<bool> IncrementAsync(string key, long amount, long maximum, TimeSpan ttl, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
            return ValueTask.FromResult(_counters.Add(key, amount, maximum, ttl));
    }

    /// <inheritdoc />
    public ValueTask<bool> DecrementAsync(string key, long amount, long minimum, TimeSpan ttl, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var value = _counters.ValueOf(key) - amount;
            if (value < minimum)
                return ValueTask.FromResult(false);

            _counters.Write(key, value, ttl);
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
                sum += _counters.ValueOf(keys[i]);
            if (sum > maximum)
                return ValueTask.FromResult(false);

            _counters.Write(keys[0], _counters.ValueOf(keys[0]) + amount, ttl);
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
            return ValueTask.FromResult<TimeSpan?>(_counters.Add(NameAt(key, begin), 1, limit, bucket) ? null : TimeSpan.FromMilliseconds(begin + length - now));
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
                if (_counters.ValueOf(NameAt(key, at)) is not (> 0 and var count))
                    continue;
                sum += count;
                first = at;
            }

            if (sum >= limit)
                return ValueTask.FromResult<TimeSpan?>(TimeSpan.FromMilliseconds((first + seconds) * 1_000 - now));

            _counters.Write(NameAt(key, second), _counters.ValueOf(NameAt(key, second)) + 1, TimeSpan.FromSeconds(seconds));
            return ValueTask.FromResult<TimeSpan?>(null);
        }
    }

    /// <inheritdoc />
    public ValueTask<TimeSpan?> TakeSlotAsync(string key, string holder, int limit, TimeSpan lease, TimeSpan ttl, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var counter = _counters.Swept(key);
            if (counter is not null && counter.Leases.ContainsKey(holder))
                return ValueTask.FromResult<TimeSpan?>(null);

            if (counter is not null && counter.Value >= limit)
                return ValueTask.FromResult<TimeSpan?>(TimeSpan.FromMilliseconds(Math.Max(1, counter.NextChangeAt - _counters.Now)));

            counter = _counters.Write(key, (counter?.Value ?? 0) + 1, ttl > lease ? ttl : lease);
            counter.Leases.Add(holder, _counters.Now + (long)lease.TotalMilliseconds);
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
                if (_counters.Swept(slot.Key) is not { } counter || !counter.Leases.ContainsKey(slot.Holder))
                {
                    lost.Add(slot);
                    continue;
                }

                counter.Leases[slot.Holder] = _counters.Now + (long)lease.TotalMilliseconds;
                counter.ExpiresAt = _counters.Now + (long)(ttl > lease ? ttl : lease).TotalMilliseconds;
            }
        }

        return ValueTask.FromResult<IReadOnlyList<(string, string)>>(lost);
    }

    /// <inheritdoc />
    public ValueTask ReleaseSlotAsync(string key, string holder, TimeSpan ttl, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_counters.Swept(key) is { } counter && counter.Leases.Remove(holder))
                _counters.Write(key, Math.Max(0, counter.Value - 1), ttl);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask<CounterWatch> WatchAsync(string key, CancellationToken cancellationToken)
    {
        lock (_gate)
            return ValueTask.FromResult(new CounterWatch(_counters.Watched(key)));
    }

    /// <inheritdoc />
    public ValueTask<BarrierArrival> ArriveAsync(string key, string member, TimeSpan ttl, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_counters.Find(key) is not { } counter)
                return ValueTask.FromResult(BarrierArrival.Unknown);

            if (counter.Arrived.TryGetValue(member, out var earlier))
                return ValueTask.FromResult(earlier);

            var isReached = counter.Value <= 1;
            var arrival = isReached && _counters.Find(EventsOf(key)) is null ? BarrierArrival.IsLast : BarrierArrival.Waits;
            counter.Arrived.Add(member, arrival);
            counter.ExpiresAt = Math.Max(counter.ExpiresAt, _counters.Now + (long)ttl.TotalMilliseconds);
            if (!isReached)
                counter.Value--;
            else if (arrival is BarrierArrival.IsLast)
                _counters.Write(EventsOf(key), 1, ttl);
            return ValueTask.FromResult(arrival);
        }
    }

    /// <inheritdoc />
    public async ValueTask<bool> WaitAsync(string key, TimeSpan timeout, CancellationToken cancellationToken)
    {
        MemoryWatch announced;
        lock (_gate)
        {
            if (_counters.Find(EventsOf(key)) is not null)
                return true;
            announced = _counters.Join(EventsOf(key));
        }

        try
        {
            await announced.Changed.WaitAsync(timeout, _time, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            lock (_gate)
                _counters.Leave(EventsOf(key), announced);
        }
    }

    /// <inheritdoc />
    public ValueTask NotifyAsync(string key, TimeSpan ttl, CancellationToken cancellationToken)
    {
        lock (_gate)
            _counters.Write(EventsOf(key), 1, ttl);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static string EventsOf(string key) => key + "@events";

    private static string NameAt(string key, long at) => string.Create(CultureInfo.InvariantCulture, $"{key}@{at}");
}
