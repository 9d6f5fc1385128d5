namespace Dramatiq.Akka.RateLimits;

/// <summary>
/// Counters that processes share, Python's too: on Redis its keys and values are those of Python's Dramatiq, so that both sides count together. Each method is one atomic step.
/// Rate limiters, barriers and groups are made of these steps.
/// </summary>
/// <remarks>A store that cannot be reached throws a <see cref="Brokers.BrokerConnectionException"/>; nothing is known then of the step's effect.</remarks>
public interface IRateLimiterBackend : IAsyncDisposable
{
    /// <summary>Sets a counter that is not there.</summary>
    /// <returns>Whether it was not there.</returns>
    ValueTask<bool> AddAsync(string key, long value, TimeSpan ttl, CancellationToken cancellationToken);

    /// <summary>Adds to a counter, unless it would come above the maximum. One that is not there counts as 0. The time to live starts anew.</summary>
    /// <returns>Whether it was added.</returns>
    ValueTask<bool> IncrementAsync(string key, long amount, long maximum, TimeSpan ttl, CancellationToken cancellationToken);

    /// <summary>Takes from a counter, unless it would come below the minimum. The time to live starts anew.</summary>
    /// <returns>Whether it was taken.</returns>
    ValueTask<bool> DecrementAsync(string key, long amount, long minimum, TimeSpan ttl, CancellationToken cancellationToken);

    /// <summary>Adds to the first counter, unless the sum of all of them would come above the maximum.</summary>
    /// <param name="keys">The counter that grows, and then the others that count.</param>
    /// <param name="amount">How much to add.</param>
    /// <param name="maximum">What the sum may be at the most.</param>
    /// <param name="ttl">The time to live of the first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it was added.</returns>
    ValueTask<bool> IncrementAndSumAsync(IReadOnlyList<string> keys, long amount, long maximum, TimeSpan ttl, CancellationToken cancellationToken);

    /// <summary>
    /// Adds one to the counter of the current bucket, unless that is full: Python's key, <c>key@</c> and the milliseconds at which the bucket began. The time is the store's, where it has
    /// one, so that processes whose clocks differ count in the same bucket.
    /// </summary>
    /// <param name="key">What the counters' names start with.</param>
    /// <param name="limit">How many may be added in one bucket.</param>
    /// <param name="bucket">How long a bucket lasts, in whole milliseconds.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null where it was added; else when the next bucket begins, from now.</returns>
    ValueTask<TimeSpan?> AddToBucketAsync(string key, int limit, TimeSpan bucket, CancellationToken cancellationToken);

    /// <summary>
    /// Adds one to the counter of the current second, unless the sum over the window is at the limit: Python's keys, <c>key@</c> and the Unix second. The time is the store's, where it has one.
    /// </summary>
    /// <param name="key">What the counters' names start with.</param>
    /// <param name="limit">How many may be added within one window.</param>
    /// <param name="seconds">How many seconds the window has, the current one included.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null where it was added; else when the window lets go of the first that it counts, from now.</returns>
    ValueTask<TimeSpan?> AddToWindowAsync(string key, int limit, int seconds, CancellationToken cancellationToken);

    /// <summary>
    /// Takes one slot of a counter for a holder, for as long as its lease lasts. The counter is Python's, so that its <c>ConcurrentRateLimiter</c> sees the slot as taken; beside it the
    /// leases are kept, by which a slot is freed whose holder did not renew it. A holder that has a slot already keeps it.
    /// </summary>
    /// <param name="key">The counter.</param>
    /// <param name="holder">Who takes it: unique for each taking.</param>
    /// <param name="limit">How many slots there are.</param>
    /// <param name="lease">How long the slot lasts without being renewed.</param>
    /// <param name="ttl">The time to live of the counter, as Python sets it.</param>
    /// <param name="cancellationToken">Ends the wait; the slot may be taken all the same.</param>
    /// <returns>Null where the slot was taken; else when the next lease lapses at the latest, from now.</returns>
    ValueTask<TimeSpan?> TakeSlotAsync(string key, string holder, int limit, TimeSpan lease, TimeSpan ttl, CancellationToken cancellationToken);

    /// <summary>Renews leases, many in one call.</summary>
    /// <returns>Those that were lost: they had lapsed, and the slot may be another's by now.</returns>
    ValueTask<IReadOnlyList<(string Key, string Holder)>> RenewSlotsAsync(IReadOnlyList<(string Key, string Holder)> slots, TimeSpan lease, TimeSpan ttl, CancellationToken cancellationToken);

    /// <summary>Gives a slot back, and wakes those who watch the counter. One that has lapsed, or that was given back before, is no error.</summary>
    ValueTask ReleaseSlotAsync(string key, string holder, TimeSpan ttl, CancellationToken cancellationToken);

    /// <summary>Watches a counter. What is asked of it after this call, and refused, need not be asked again before the task completes.</summary>
    /// <returns>Completes when somebody, Python too, has changed the counter, or may have. Never fails.</returns>
    ValueTask<CounterWatch> WatchAsync(string key, CancellationToken cancellationToken);

    /// <summary>
    /// A member of a barrier arrives: the counter goes down by one, the first time that this member does. Told twice, it counts once, and the answer is the same.
    /// </summary>
    /// <param name="key">The counter, which Python's <c>Barrier.create</c> or <see cref="AddAsync"/> made.</param>
    /// <param name="member">Who arrives: the id of a message, which stays the same when it is redelivered.</param>
    /// <param name="ttl">The time to live, which starts anew where it would end earlier.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<BarrierArrival> ArriveAsync(string key, string member, TimeSpan ttl, CancellationToken cancellationToken);

    /// <summary>Completes when somebody has announced a change of this key, or its barrier was reached, or the time is over.</summary>
    /// <returns>Whether it was announced.</returns>
    ValueTask<bool> WaitAsync(string key, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Whether keys of one step must share a hash tag, such as <c>{reports}</c>, since each node of the store has some of the keys only: Redis Cluster. Default: no.</summary>
    /// <remarks>Groups then have ids with one. The keys of limiters and barriers are the user's.</remarks>
    ValueTask<bool> NeedsHashTagsAsync(CancellationToken cancellationToken) => ValueTask.FromResult(false);

    /// <summary>Announces: wakes those who wait for the key, in Python too.</summary>
    ValueTask NotifyAsync(string key, TimeSpan ttl, CancellationToken cancellationToken);
}

/// <summary>A counter that is watched.</summary>
/// <param name="Changed">Completes at its next change, or when it may have changed.</param>
public readonly record struct CounterWatch(Task Changed);

/// <summary>What a member found that arrived at a barrier.</summary>
public enum BarrierArrival
{
    /// <summary>Others are still awaited.</summary>
    Waits,

    /// <summary>This member was the last that was awaited; it stays so, however often it arrives.</summary>
    IsLast,

    /// <summary>There is no such barrier: its time to live is over, or it was never made.</summary>
    Unknown,
}
