using Akka.Event;
using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Timing;

namespace Dramatiq.Akka.RateLimits;

/// <summary>Renews the leases of every slot that this process holds, all of them in one call, and tells those that were lost.</summary>
internal static class LeaseRenewer
{
    /// <summary>Renew this one from now on.</summary>
    public sealed record Keep(RateLimitSlot Slot) : INoSerializationVerificationNeeded;

    /// <summary>This one was given back, or could not be.</summary>
    public sealed record Drop(RateLimitSlot Slot, Exception? Error) : INoSerializationVerificationNeeded;

    public static Props Create(IRateLimiterBackend backend, TimeSpan lease, TimeProvider time) => Props.Create(() => new LeaseRenewerActor(backend, lease, time));
}

// Waiting --a third of a lease--> Renewing --answer--> Waiting ; a call that failed is repeated sooner, until the lease is over by the clock here.
internal sealed class LeaseRenewerActor : ReceiveActor
{
    private readonly IRateLimiterBackend _backend;
    private readonly TimeSpan _lease;
    private readonly TimeProvider _time;
    private readonly ActorTimer _timer;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    // When the lease of each slot began at the earliest.
    private readonly Dictionary<RateLimitSlot, long> _slots = [];
    private bool _isRenewing;
    private bool _isFailing;

    public LeaseRenewerActor(IRateLimiterBackend backend, TimeSpan lease, TimeProvider time)
    {
        _backend = backend;
        _lease = lease;
        _time = time;
        _timer = new ActorTimer(time, Self, Tick.Instance);
        Receive<LeaseRenewer.Keep>(OnKeep);
        Receive<LeaseRenewer.Drop>(OnDrop);
        Receive<Tick>(_ => Renew());
        Receive<Renewed>(OnRenewed);
        Receive<RenewalFailed>(OnFailed);
    }

    private TimeSpan Interval => _lease / 3;

    /// <summary>Nobody renews from now on what is held still.</summary>
    protected override void PostStop()
    {
        _timer.Dispose();
        foreach (var slot in _slots.Keys)
            slot.Lose();
    }

    private void OnKeep(LeaseRenewer.Keep keep)
    {
        _slots.Add(keep.Slot, keep.Slot.Lease.TakenAt);
        if (_slots.Count == 1 && !_isRenewing)
            Schedule(keep.Slot.Lease.TakenAt, Interval);
    }

    private void OnDrop(LeaseRenewer.Drop drop)
    {
        _slots.Remove(drop.Slot);
        if (_slots.Count == 0)
            _timer.Stop();
        if (drop.Error is { } error)
            _log.Warning("A slot of rate limit {0} could not be given back, and is free when its lease lapses, within {1}: {2}", drop.Slot.Key, DurationText.Of(_lease), error.Message);
    }

    private void Renew()
    {
        LoseWhatIsOver();
        if (_isRenewing || _slots.Count == 0)
            return;

        _isRenewing = true;
        var slots = _slots.Keys.ToArray();
        var startedAt = _time.GetTimestamp();
        RenewAsync(slots).PipeTo(Self, success: lost => new Renewed(slots, lost, startedAt), failure: static error => new RenewalFailed(error));
        Schedule(startedAt, Interval);   // looks at the clock also when no answer comes
    }

    private async Task<HashSet<(string, string)>> RenewAsync(RateLimitSlot[] slots)
    {
        var lost = new HashSet<(string, string)>();
        foreach (var group in slots.GroupBy(static slot => slot.Lease.Ttl))
            lost.UnionWith(await _backend.RenewSlotsAsync([.. group.Select(static slot => (slot.Key, slot.Lease.Holder))], _lease, group.Key, CancellationToken.None).ConfigureAwait(false));
        return lost;
    }

    private void OnRenewed(Renewed renewed)
    {
        _isRenewing = false;
        _isFailing = false;
        foreach (var slot in renewed.Slots)
        {
            if (!_slots.ContainsKey(slot))
                continue;

            if (renewed.Lost.Contains((slot.Key, slot.Lease.Holder)))
                Lose(slot);
            else
                _slots[slot] = renewed.StartedAt;
        }

        Schedule(renewed.StartedAt, Interval);
    }

    private void OnFailed(RenewalFailed failed)
    {
        _isRenewing = false;
        if (!_isFailing)
            _log.Warning("The leases of {0} slots of rate limits could not be renewed; it is tried again: {1}", _slots.Count, failed.Error.Message);
        _isFailing = true;
        LoseWhatIsOver();
        Schedule(_time.GetTimestamp(), _lease / 20);
    }

    /// <summary>Looks again so long after a moment, or when the first lease is over by the clock here, if that is earlier.</summary>
    private void Schedule(long after, TimeSpan wait)
    {
        if (_slots.Count == 0)
        {
            _timer.Stop();
            return;
        }

        var first = _slots.Values.Min();
        var left = Left(after, wait) is var next && Left(first, _lease) is var end && end < next ? end : next;
        _timer.Start(left);
        if (left > TimeSpan.Zero && (Left(after, wait) <= TimeSpan.Zero || Left(first, _lease) <= TimeSpan.Zero))
            Self.Tell(Tick.Instance);   // the clock has jumped between reading and start
    }

    private TimeSpan Left(long since, TimeSpan wait) => wait - _time.GetElapsedTime(since);

    /// <summary>Here the lease began before it did at the store: what is over here is over there a little later, or already.</summary>
    private void LoseWhatIsOver()
    {
        foreach (var (slot, began) in _slots)
            if (_time.GetElapsedTime(began) >= _lease)
                Lose(slot);
    }

    private void Lose(RateLimitSlot slot)
    {
        _slots.Remove(slot);
        _log.Warning("A slot of rate limit {0} was lost: its lease was not renewed in time, and others may have it now.", slot.Key);
        slot.Lose();
    }

    private sealed record Renewed(RateLimitSlot[] Slots, HashSet<(string, string)> Lost, long StartedAt) : INoSerializationVerificationNeeded;

    private sealed record RenewalFailed(Exception Error) : INoSerializationVerificationNeeded;

    private sealed class Tick : INoSerializationVerificationNeeded
    {
        public static readonly Tick Instance = new();
    }
}
