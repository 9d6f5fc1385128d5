namespace Dramatiq.Akka.RateLimits;

/// <summary>
/// Room under a rate limit. Disposing it gives a slot of a <see cref="ConcurrentRateLimiter"/> back; what a bucket or a window has counted stays counted. Dispose it also when the work
/// fails, as <c>await using</c> does.
/// </summary>
public sealed class RateLimitSlot : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly LeasedSlot? _lease;
    private CancellationTokenSource? _lost;
    private bool _isLost;
    private int _disposed;

    internal RateLimitSlot(string key, LeasedSlot? lease = null)
    {
        Key = key;
        _lease = lease;
        if (lease is not null && (lease.Held.Add(this, lease.TakenAt) || lease.IsDue))
            lease.Renewer.Tell(LeaseRenewer.Wake.Instance, ActorRefs.NoSender);
    }

    /// <summary>What it is room under.</summary>
    public string Key { get; }

    /// <summary>
    /// Fires when the slot may be another's: its lease could not be renewed in time. Work that must not run beside others ends then. Never fires for a bucket or a window.
    /// </summary>
    public CancellationToken Lost
    {
        get
        {
            lock (_gate)
            {
                if (_isLost)
                    return new CancellationToken(canceled: true);
                return (_lost ??= new CancellationTokenSource()).Token;
            }
        }
    }

    internal LeasedSlot Lease => _lease ?? throw new InvalidOperationException($"A slot of {Key} has no lease.");

    /// <summary>Gives the slot back. One that cannot be given back, since the store is away, is free when its lease lapses: that is logged, and no error here.</summary>
    public ValueTask DisposeAsync() => Interlocked.Exchange(ref _disposed, 1) == 0 && _lease is not null ? ReleaseAsync(_lease) : ValueTask.CompletedTask;

    /// <summary>Starts to give it back, for whoever cannot wait.</summary>
    internal void Release() => _ = DisposeAsync().AsTask();

    /// <summary>Nobody knows any more when its work ends: it is free when its lease lapses.</summary>
    internal void Lapse()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            _lease?.Held.Remove(this);
    }

    internal void Lose()
    {
        CancellationTokenSource? lost;
        lock (_gate)
        {
            _isLost = true;
            lost = _lost;
        }

        lost?.CancelAsync();   // what users registered runs on a thread of its own
    }

    private async ValueTask ReleaseAsync(LeasedSlot lease)
    {
        lease.Held.Remove(this);   // what is on its way back needs no renewal, and is not lost
        try
        {
            await lease.Backend.ReleaseSlotAsync(Key, lease.Holder, lease.Ttl, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            lease.Renewer.Tell(new LeaseRenewer.NotReleased(this, error), ActorRefs.NoSender);
        }
    }
}

/// <summary>What a slot is leased by.</summary>
/// <param name="Backend">Where.</param>
/// <param name="Held">Where it is kept for renewal.</param>
/// <param name="Renewer">Who renews it.</param>
/// <param name="Holder">As whom.</param>
/// <param name="Ttl">The time to live of the counter.</param>
/// <param name="TakenAt">The clock's timestamp before it was taken: the lease began no earlier.</param>
/// <param name="IsDue">Whether the answer took so long that it should be renewed by now: the renewer's next look may come too late.</param>
internal sealed record LeasedSlot(IRateLimiterBackend Backend, HeldSlots Held, IActorRef Renewer, string Holder, TimeSpan Ttl, long TakenAt, bool IsDue);
