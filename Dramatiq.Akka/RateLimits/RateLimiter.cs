namespace Dramatiq.Akka.RateLimits;

/// <summary>A limit that processes share by its key, Python's included. <see cref="RateLimiters"/> makes them; they hold nothing, and may be kept or made anew each time.</summary>
public abstract class RateLimiter
{
    private protected RateLimiter(IRateLimiterBackend backend, string key, int limit)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        Backend = backend;
        Key = key;
        Limit = limit;
    }

    /// <summary>What is limited. Not namespaced, as in Dramatiq: it is a key of the store.</summary>
    public string Key { get; }

    /// <summary>How much is allowed.</summary>
    public int Limit { get; }

    /// <summary>Whether room comes from others who give theirs back, so that watching the counter tells of it; else it comes with time alone.</summary>
    internal virtual bool IsGivenBack => false;

    /// <summary>Where it is counted.</summary>
    internal IRateLimiterBackend Backend { get; }

    /// <summary>Takes room under the limit. Dispose it when the work is done.</summary>
    /// <exception cref="RateLimitExceededException">There is none.</exception>
    /// <exception cref="Brokers.BrokerConnectionException">The store cannot be reached. What may have been taken lapses by itself.</exception>
    public async ValueTask<RateLimitSlot> AcquireAsync(CancellationToken cancellationToken = default) =>
        (await AskAsync(cancellationToken).ConfigureAwait(false)).Slot ?? throw new RateLimitExceededException(Refusal);

    /// <summary>Takes room under the limit. Dispose it when the work is done.</summary>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="Brokers.BrokerConnectionException">The store cannot be reached. What may have been taken lapses by itself.</exception>
    public async ValueTask<RateLimitSlot?> TryAcquireAsync(CancellationToken cancellationToken = default) =>
        (await AskAsync(cancellationToken).ConfigureAwait(false)).Slot;

    internal abstract ValueTask<RateLimitAnswer> AskAsync(CancellationToken cancellationToken);

    private protected abstract string Refusal { get; }
}

/// <summary>Room, or when there may be some at the latest.</summary>
internal readonly record struct RateLimitAnswer(RateLimitSlot? Slot, TimeSpan TryAgainIn);
