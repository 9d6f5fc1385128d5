namespace Dramatiq.Akka.RateLimits;

/// <summary>
/// Parties that wait for each other, Python's included: its <c>Barrier</c>, on its keys. Use a fresh key for each barrier. Python's reports an arrival at a barrier that does not exist, or is
/// long reached, as the last one; this does not.
/// </summary>
public sealed class Barrier
{
    private readonly IRateLimiterBackend _backend;
    private readonly Holders _holders;
    private readonly TimeSpan _ttl;

    internal Barrier(IRateLimiterBackend backend, string key, TimeSpan ttl, Holders holders)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentOutOfRangeException.ThrowIfLessThan(ttl, TimeSpan.FromMilliseconds(1));
        _backend = backend;
        _holders = holders;
        _ttl = ttl;
        Key = key;
    }

    /// <summary>What the parties know it by.</summary>
    public string Key { get; }

    /// <summary>Creates it for so many parties.</summary>
    /// <returns>Whether it was not there.</returns>
    public ValueTask<bool> CreateAsync(int parties, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parties, 1);
        return _backend.AddAsync(Key, parties, _ttl, cancellationToken);
    }

    /// <summary>A party arrives, and does not wait for the others.</summary>
    /// <param name="member">Who: told twice, it counts once, and the answer is the same. Null for somebody who arrives this one time.</param>
    /// <param name="cancellationToken">Ends the wait for the store's answer; the arrival may count all the same.</param>
    public ValueTask<BarrierArrival> ArriveAsync(string? member = null, CancellationToken cancellationToken = default) =>
        _backend.ArriveAsync(Key, member ?? _holders.Next(), _ttl, cancellationToken);

    /// <summary>A party arrives, and waits for the others.</summary>
    /// <returns>Whether all have arrived; false when the time is over before, or there is no such barrier.</returns>
    public async ValueTask<bool> ArriveAndWaitAsync(TimeSpan timeout, string? member = null, CancellationToken cancellationToken = default) =>
        await ArriveAsync(member, cancellationToken).ConfigureAwait(false) switch
        {
            BarrierArrival.IsLast => true,
            BarrierArrival.Waits => await _backend.WaitAsync(Key, timeout, cancellationToken).ConfigureAwait(false),
            _ => false,
        };

    /// <summary>Waits until all have arrived, without arriving.</summary>
    /// <returns>Whether they have; false when the time is over before.</returns>
    public ValueTask<bool> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken = default) => _backend.WaitAsync(Key, timeout, cancellationToken);
}
