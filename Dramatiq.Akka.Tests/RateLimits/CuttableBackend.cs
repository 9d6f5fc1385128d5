using Dramatiq.Akka.RateLimits;

namespace Dramatiq.Akka.Tests.RateLimits;

/// <summary>A store that can be cut off, or wiped.</summary>
internal sealed class CuttableBackend(IRateLimiterBackend inner) : IRateLimiterBackend
{
    private int _renewals;
    private int _takings;

    public IRateLimiterBackend Inner { get; set; } = inner;

    public bool Fails { get; set; }

    /// <summary>What the store throws where somebody adds to a counter or arrives at it; null for nothing.</summary>
    public Func<string, Exception?> Error { get; set; } = static _ => null;

    /// <summary>What each taking of a slot waits for.</summary>
    public Task TakesAfter { get; set; } = Task.CompletedTask;

    public int Takings => Volatile.Read(ref _takings);

    public int Renewals => Volatile.Read(ref _renewals);

    private IRateLimiterBackend Store => Fails ? throw new Dramatiq.Akka.Brokers.BrokerConnectionException("cut") : Inner;

    private IRateLimiterBackend At(string key) => Error(key) is { } error ? throw error : Store;

    public ValueTask<bool> AddAsync(string key, long value, TimeSpan ttl, CancellationToken cancellationToken) => Store.AddAsync(key, value, ttl, cancellationToken);

    public ValueTask<bool> IncrementAsync(string key, long amount, long maximum, TimeSpan ttl, CancellationToken cancellationToken) => At(key).IncrementAsync(key, amount, maximum, ttl, cancellationToken);

    public ValueTask<bool> DecrementAsync(string key, long amount, long minimum, TimeSpan ttl, CancellationToken cancellationToken) => Store.DecrementAsync(key, amount, minimum, ttl, cancellationToken);

    public ValueTask<bool> IncrementAndSumAsync(IReadOnlyList<string> keys, long amount, long maximum, TimeSpan ttl, CancellationToken cancellationToken) =>
        Store.IncrementAndSumAsync(keys, amount, maximum, ttl, cancellationToken);

    public ValueTask<TimeSpan?> AddToBucketAsync(string key, int limit, TimeSpan bucket, CancellationToken cancellationToken) => Store.AddToBucketAsync(key, limit, bucket, cancellationToken);

    public ValueTask<TimeSpan?> AddToWindowAsync(string key, int limit, int seconds, CancellationToken cancellationToken) => Store.AddToWindowAsync(key, limit, seconds, cancellationToken);

    public async ValueTask<TimeSpan?> TakeSlotAsync(string key, string holder, int limit, TimeSpan lease, TimeSpan ttl, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _takings);
        await TakesAfter;
        return await Store.TakeSlotAsync(key, holder, limit, lease, ttl, cancellationToken);
    }

    public async ValueTask<IReadOnlyList<(string Key, string Holder)>> RenewSlotsAsync(IReadOnlyList<(string Key, string Holder)> slots, TimeSpan lease, TimeSpan ttl, CancellationToken cancellationToken)
    {
        var lost = await Store.RenewSlotsAsync(slots, lease, ttl, cancellationToken);
        Interlocked.Increment(ref _renewals);
        return lost;
    }

    public async ValueTask ReleaseSlotAsync(string key, string holder, TimeSpan ttl, CancellationToken cancellationToken) => await Store.ReleaseSlotAsync(key, holder, ttl, cancellationToken);

    public ValueTask<CounterWatch> WatchAsync(string key, CancellationToken cancellationToken) => Store.WatchAsync(key, cancellationToken);

    public ValueTask<BarrierArrival> ArriveAsync(string key, string member, TimeSpan ttl, CancellationToken cancellationToken) => At(key).ArriveAsync(key, member, ttl, cancellationToken);

    public ValueTask<bool> WaitAsync(string key, TimeSpan timeout, CancellationToken cancellationToken) => Store.WaitAsync(key, timeout, cancellationToken);

    public ValueTask NotifyAsync(string key, TimeSpan ttl, CancellationToken cancellationToken) => Store.NotifyAsync(key, ttl, cancellationToken);

    public ValueTask DisposeAsync() => Inner.DisposeAsync();
}
