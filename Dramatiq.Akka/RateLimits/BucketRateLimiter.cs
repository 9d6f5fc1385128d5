using Dramatiq.Akka.Actors;

namespace Dramatiq.Akka.RateLimits;

/// <summary>
/// So many in each bucket of time: Python's <c>BucketRateLimiter</c>. Cheap, but up to twice the limit may come together around the turn of a bucket;
/// <see cref="WindowRateLimiter"/> has no such turn.
/// </summary>
public sealed class BucketRateLimiter : RateLimiter
{
    private readonly TimeSpan _bucket;

    internal BucketRateLimiter(IRateLimiterBackend backend, string key, int limit, TimeSpan bucket) : base(backend, key, limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bucket, TimeSpan.FromMilliseconds(1));
        _bucket = bucket;
    }

    private protected override string Refusal => $"Rate limit '{Key}' is exceeded: {Limit} in {DurationText.Of(_bucket)}.";

    internal override async ValueTask<RateLimitAnswer> AskAsync(CancellationToken cancellationToken) =>
        await Backend.AddToBucketAsync(Key, Limit, _bucket, cancellationToken).ConfigureAwait(false) is { } wait
            ? new RateLimitAnswer(null, wait)
            : new RateLimitAnswer(new RateLimitSlot(Key), default);
}
