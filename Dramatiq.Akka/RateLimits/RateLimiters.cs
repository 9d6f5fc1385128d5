using Akka;
using Dramatiq.Akka.Hosting;

namespace Dramatiq.Akka.RateLimits;

/// <summary>
/// Makes rate limiters and barriers on the backend that <c>WithInMemoryRateLimits</c> or <c>WithRedisRateLimits</c> has named. <c>AddRateLimiters</c> registers it, so that handlers can have it
/// injected.
/// </summary>
public sealed class RateLimiters : IExtension
{
    /// <summary>How long Python's counters of concurrent limits live without a change: 15 minutes.</summary>
    private static readonly TimeSpan DefaultTtl = TimeSpan.FromMinutes(15);

    private readonly Holders _holders = new();
    private readonly HeldSlots _held = new();
    private readonly IActorRef _renewer;
    private readonly TimeSpan _lease;
    private readonly TimeProvider _time;

    /// <param name="system">Where the leases are renewed.</param>
    /// <param name="backend">Where it is counted. It stays the caller's.</param>
    /// <param name="lease">How long a slot of a concurrent limit lasts without being renewed.</param>
    /// <param name="time">The clock of the renewals.</param>
    internal RateLimiters(ActorSystem system, IRateLimiterBackend backend, TimeSpan lease, TimeProvider time)
    {
        Backend = backend;
        _lease = lease;
        _time = time;
        _renewer = system.ActorOf(LeaseRenewer.Create(backend, _held, lease, time), "dramatiq-leases-" + Guid.NewGuid().ToString("N"));
    }

    /// <summary>Where it is counted.</summary>
    public IRateLimiterBackend Backend { get; }

    /// <summary>Those of this actor system.</summary>
    /// <exception cref="DeclarationException">No backend is named.</exception>
    public static RateLimiters Get(ActorSystem system) => system.WithExtension<RateLimiters, RateLimitersProvider>();

    /// <summary>So many at the same time.</summary>
    /// <param name="key">What is limited.</param>
    /// <param name="limit">How many. Default 1: a mutex.</param>
    /// <param name="ttl">How long the counter lives without a change. Default 15 minutes, as in Dramatiq. Matters for slots that Python holds; those taken here are leased.</param>
    public ConcurrentRateLimiter Concurrent(string key, int limit = 1, TimeSpan? ttl = null) => new(Backend, key, limit, _lease, ttl ?? DefaultTtl, _held, _renewer, _holders, _time);

    /// <summary>So many in each bucket of time.</summary>
    /// <param name="key">What is limited.</param>
    /// <param name="limit">How many. Default 1.</param>
    /// <param name="bucket">How long a bucket lasts, in whole milliseconds. Default 1 second.</param>
    public BucketRateLimiter Bucket(string key, int limit = 1, TimeSpan? bucket = null) => new(Backend, key, limit, bucket ?? TimeSpan.FromSeconds(1));

    /// <summary>So many in the last seconds.</summary>
    /// <param name="key">What is limited.</param>
    /// <param name="limit">How many. Default 1.</param>
    /// <param name="seconds">How many seconds, the current one included: 1 to 3600. Default 1.</param>
    public WindowRateLimiter Window(string key, int limit = 1, int seconds = 1) => new(Backend, key, limit, seconds);

    /// <summary>The limiter of a declared limit.</summary>
    internal RateLimiter Of(RateLimit limit, string key) => limit.Kind switch
    {
        RateLimitKind.Concurrent => Concurrent(key, limit.Limit),
        RateLimitKind.Bucket => Bucket(key, limit.Limit, limit.Length),
        _ => Window(key, limit.Limit, (int)limit.Length.TotalSeconds),
    };

    /// <summary>Parties that wait for each other.</summary>
    /// <param name="key">What they know it by: a fresh one each time.</param>
    /// <param name="ttl">How long it lives after the last arrival. Default 15 minutes, as in Dramatiq.</param>
    public Barrier Barrier(string key, TimeSpan? ttl = null) => new(Backend, key, ttl ?? DefaultTtl, _holders);
}

/// <summary>Makes the <see cref="RateLimiters"/> of an actor system.</summary>
public sealed class RateLimitersProvider : ExtensionIdProvider<RateLimiters>
{
    /// <inheritdoc />
    public override RateLimiters CreateExtension(ExtendedActorSystem system)
    {
        var setup = RateLimitsSetup.Of(system) ?? throw new DeclarationException(
            "No backend for rate limits is named. Add WithRedisRateLimits(\"redis://…\"), or WithInMemoryRateLimits() for limits that no other process shares, next to WithDramatiq(…).");
        var tasks = TaskSystem.Get(system);
        var backend = setup.Create(system);
        if (setup.IsOwned)
        {
            CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseBeforeActorSystemTerminate, "dramatiq-close-rate-limits", async () =>
            {
                await backend.DisposeAsync().ConfigureAwait(false);
                return Done.Instance;
            });
        }

        return new RateLimiters(system, backend, tasks.Settings.RateLimits.Lease, tasks.Time);
    }
}
