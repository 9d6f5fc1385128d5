using System.Diagnostics;
using Akka.Event;
using Dramatiq.Akka.RateLimits;
using StackExchange.Redis;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>
/// Counters on Redis, on the keys of Python's Dramatiq, which are not namespaced. Beside a counter <c>key</c> there may be <c>key@leases</c>, <c>key@arrived</c> and <c>key@events</c>; on Redis
/// Cluster a key must hold a hash tag, such as <c>{reports}</c>, so that they are on one node.
/// </summary>
public sealed class RedisRateLimiterBackend : IRateLimiterBackend
{
    /// <summary>Where the server tells of no changes, a counter is asked at the longest pause: many may wait for many counters.</summary>
    private const int RarePolls = 20;

    private readonly RedisLinks.Share _share;
    private readonly KeyCount _waits = new();

    /// <param name="system">Whose connections it shares.</param>
    /// <param name="options">Where the server is. What is not set has the default of <c>dramatiq.redis</c>.</param>
    public RedisRateLimiterBackend(ActorSystem system, RedisOptions options) : this(system, RedisSettings.From(options), system.Log)
    {
    }

    internal RedisRateLimiterBackend(ActorSystem system, RedisSettings settings, ILoggingAdapter log) => _share = RedisLinks.Get(system).Open(settings, log);

    /// <summary>How many keys are watched on its connection.</summary>
    internal int Watched => _share.WakeUps.Watched;

    private RedisLink Link => _share.Link;

    /// <inheritdoc />
    public ValueTask<bool> AddAsync(string key, long value, TimeSpan ttl, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Link.AskAsync(database => database.StringSetAsync(key, value, ttl, When.NotExists));
    }

    /// <inheritdoc />
    public async ValueTask<bool> IncrementAsync(string key, long amount, long maximum, TimeSpan ttl, CancellationToken cancellationToken) =>
        await RunAsync(RateLimitScripts.Increment, [key], [amount, maximum, Ms(ttl)], cancellationToken).ConfigureAwait(false) == 1;

    /// <inheritdoc />
    public async ValueTask<bool> DecrementAsync(string key, long amount, long minimum, TimeSpan ttl, CancellationToken cancellationToken) =>
        await RunAsync(RateLimitScripts.Decrement, [key], [amount, minimum, Ms(ttl)], cancellationToken).ConfigureAwait(false) == 1;

    /// <inheritdoc />
    public async ValueTask<bool> IncrementAndSumAsync(IReadOnlyList<string> keys, long amount, long maximum, TimeSpan ttl, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(keys.Count);
        var names = new RedisKey[keys.Count];
        for (var i = 0; i < names.Length; i++)
            names[i] = keys[i];
        return await RunAsync(RateLimitScripts.Increment, names, [amount, maximum, Ms(ttl)], cancellationToken).ConfigureAwait(false) == 1;
    }

    /// <inheritdoc />
    public ValueTask<TimeSpan?> AddToBucketAsync(string key, int limit, TimeSpan bucket, CancellationToken cancellationToken) =>
        TimeLeftAsync(RateLimitScripts.Bucket, [key], [limit, Ms(bucket)], cancellationToken);

    /// <inheritdoc />
    public ValueTask<TimeSpan?> AddToWindowAsync(string key, int limit, int seconds, CancellationToken cancellationToken) =>
        TimeLeftAsync(RateLimitScripts.Window, [key], [limit, seconds], cancellationToken);

    /// <inheritdoc />
    public ValueTask<TimeSpan?> TakeSlotAsync(string key, string holder, int limit, TimeSpan lease, TimeSpan ttl, CancellationToken cancellationToken) =>
        TimeLeftAsync(RateLimitScripts.Take, [key, LeasesOf(key)], [holder, limit, Ms(lease), Ms(ttl > lease ? ttl : lease)], cancellationToken);

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<(string Key, string Holder)>> RenewSlotsAsync(
        IReadOnlyList<(string Key, string Holder)> slots, TimeSpan lease, TimeSpan ttl, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var ttlMs = Ms(ttl > lease ? ttl : lease);
        var groups = slots.GroupBy(static slot => slot.Key, static slot => slot.Holder, StringComparer.Ordinal).ToArray();

        // A script for each counter, since on a cluster each may be on another node; all of them are under way at once.
        var answers = await Task.WhenAll(groups.Select(group => Link.RunAsync(
            RateLimitScripts.Renew, [group.Key, LeasesOf(group.Key)], [Ms(lease), ttlMs, .. group.Select(static holder => (RedisValue)holder)]).AsTask())).ConfigureAwait(false);
        return [.. groups.Zip(answers).SelectMany(static pair => ((string[])pair.Second!).Select(holder => (pair.First.Key, holder)))];
    }

    /// <inheritdoc />
    public async ValueTask ReleaseSlotAsync(string key, string holder, TimeSpan ttl, CancellationToken cancellationToken) =>
        await Link.RunAsync(RateLimitScripts.Release, [key, LeasesOf(key)], [holder, Ms(ttl)]).ConfigureAwait(false);

    /// <inheritdoc />
    public async ValueTask<CounterWatch> WatchAsync(string key, CancellationToken cancellationToken) =>
        new((await _share.WakeUps.WatchAsync(key, RarePolls, cancellationToken).ConfigureAwait(false)).Changed);

    /// <inheritdoc />
    public async ValueTask<BarrierArrival> ArriveAsync(string key, string member, TimeSpan ttl, CancellationToken cancellationToken) =>
        await RunAsync(RateLimitScripts.Arrive, [key, key + "@arrived", EventsOf(key)], [member, Ms(ttl)], cancellationToken).ConfigureAwait(false) switch
        {
            0 => BarrierArrival.Waits,
            1 => BarrierArrival.IsLast,
            _ => BarrierArrival.Unknown,
        };

    /// <inheritdoc />
    public async ValueTask<bool> NeedsHashTagsAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await Link.IsClusterAsync().ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask<bool> WaitAsync(string key, TimeSpan timeout, CancellationToken cancellationToken)
    {
        _waits.Enter(key);
        try
        {
            return await WaitForEventAsync(key, timeout, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // Barriers have keys of their own: what is watched and never comes would be watched for ever.
            if (_waits.Leave(key)) _share.WakeUps.Forget(EventsOf(key));
        }
    }

    /// <inheritdoc />
    public async ValueTask NotifyAsync(string key, TimeSpan ttl, CancellationToken cancellationToken) =>
        await RunAsync(RateLimitScripts.Notify, [EventsOf(key)], [Ms(ttl)], cancellationToken).ConfigureAwait(false);

    /// <summary>Gives up its share in the connections.</summary>
    public ValueTask DisposeAsync() => _share.DisposeAsync();

    private static string LeasesOf(string key) => key + "@leases";

    private static string EventsOf(string key) => key + "@events";

    private static long Ms(TimeSpan time) => Math.Max(1, (long)time.TotalMilliseconds);

    private async Task<bool> WaitForEventAsync(string key, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        RedisKey events = EventsOf(key);
        for (var misses = 0; ; misses++)
        {
            var watched = await _share.WakeUps.WatchAsync(events, misses, cancellationToken).ConfigureAwait(false);
            if (watched.Length > 0 || await Link.AskAsync(database => database.KeyExistsAsync(events)).ConfigureAwait(false))
                return true;

            var left = timeout == Timeout.InfiniteTimeSpan ? timeout : timeout - Stopwatch.GetElapsedTime(began);
            if (left <= TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan)
                return false;

            await watched.Changed.WaitAsync(left, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private async ValueTask<TimeSpan?> TimeLeftAsync(RedisScript script, RedisKey[] keys, RedisValue[] args, CancellationToken cancellationToken) =>
        await RunAsync(script, keys, args, cancellationToken).ConfigureAwait(false) is >= 0 and var left ? TimeSpan.FromMilliseconds(left) : null;

    private async ValueTask<long> RunAsync(RedisScript script, RedisKey[] keys, RedisValue[] args, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return (long)await Link.RunAsync(script, keys, args).ConfigureAwait(false);
    }
}
