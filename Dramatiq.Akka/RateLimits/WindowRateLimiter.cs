namespace Dramatiq.Akka.RateLimits;

/// <summary>So many in the last seconds, at any moment: Python's <c>WindowRateLimiter</c>. A counter for each second, so the wider the window, the dearer.</summary>
public sealed class WindowRateLimiter : RateLimiter
{
    /// <summary>What one script may name.</summary>
    internal const int MostSeconds = 3_600;

    private readonly int _seconds;

    internal WindowRateLimiter(IRateLimiterBackend backend, string key, int limit, int seconds) : base(backend, key, limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(seconds, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(seconds, MostSeconds);
        _seconds = seconds;
    }

    private protected override string Refusal => $"Rate limit '{Key}' is exceeded: {Limit} in {_seconds} s.";

    internal override async ValueTask<RateLimitAnswer> AskAsync(CancellationToken cancellationToken) =>
        await Backend.AddToWindowAsync(Key, Limit, _seconds, cancellationToken).ConfigureAwait(false) is { } wait
            ? new RateLimitAnswer(null, wait)
            : new RateLimitAnswer(new RateLimitSlot(Key), default);
}
