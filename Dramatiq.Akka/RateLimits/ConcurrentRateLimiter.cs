namespace Dramatiq.Akka.RateLimits;

/// <summary>
/// So many at the same time: Python's <c>ConcurrentRateLimiter</c>, on its counter. A slot is leased besides, and the lease renewed as long as the process lives, so that the slot of one that
/// was killed is free when the lease lapses; Python's are when nobody has touched the counter for its time to live. A limit of 1 makes a mutex.
/// </summary>
public sealed class ConcurrentRateLimiter : RateLimiter
{
    private readonly HeldSlots _held;
    private readonly IActorRef _renewer;
    private readonly Holders _holders;
    private readonly TimeSpan _lease;
    private readonly TimeSpan _ttl;
    private readonly TimeProvider _time;

    internal ConcurrentRateLimiter(IRateLimiterBackend backend, string key, int limit, TimeSpan lease, TimeSpan ttl, HeldSlots held, IActorRef renewer, Holders holders, TimeProvider time)
        : base(backend, key, limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ttl, TimeSpan.FromMilliseconds(1));
        _lease = lease;
        _ttl = ttl > lease ? ttl : lease;
        _held = held;
        _renewer = renewer;
        _holders = holders;
        _time = time;
    }

    internal override bool IsGivenBack => true;

    private protected override string Refusal => $"Rate limit '{Key}' is exceeded: {(Limit == 1 ? "its slot is" : $"all {Limit} slots are")} taken.";

    internal override async ValueTask<RateLimitAnswer> AskAsync(CancellationToken cancellationToken)
    {
        var holder = _holders.Next();
        var takenAt = _time.GetTimestamp();
        var wait = await Backend.TakeSlotAsync(Key, holder, Limit, _lease, _ttl, cancellationToken).ConfigureAwait(false);
        return wait is { } time
            ? new RateLimitAnswer(null, time)
            : new RateLimitAnswer(new RateLimitSlot(Key, new LeasedSlot(Backend, _held, _renewer, holder, _ttl, takenAt, _time.GetElapsedTime(takenAt) >= _lease / 3)), default);
    }
}

/// <summary>Names of holders that no other process has, and none twice.</summary>
internal sealed class Holders
{
    private readonly string _prefix = Guid.NewGuid().ToString("N") + ":";
    private long _last;

    public string Next() => _prefix + Interlocked.Increment(ref _last).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
