using Akka.Event;
using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Timing;

namespace Dramatiq.Akka.RateLimits;

/// <summary>Renews the leases of the slots that this process holds, all that are due in one call, and tells those that were lost.</summary>
internal static class LeaseRenewer
{
    /// <summary>There is something to renew again.</summary>
    public sealed record Wake : INoSerializationVerificationNeeded
    {
        public static readonly Wake Instance = new();
    }

    /// <summary>This one could not be given back.</summary>
    public sealed record NotReleased(RateLimitSlot Slot, Exception Error) : INoSerializationVerificationNeeded;

    public static Props Create(IRateLimiterBackend backend, HeldSlots slots, TimeSpan lease, TimeProvider time) => Props.Create(() => new LeaseRenewerActor(backend, slots, lease, time));
}

// Resting --Wake--> Waiting --a third of a lease--> Renewing --answer--> Waiting ; Waiting --nothing held--> Resting
// A call that failed is repeated sooner, until the lease is over by the clock here.
internal sealed class LeaseRenewerActor : ReceiveActor
{
    private readonly IRateLimiterBackend _backend;
    private readonly HeldSlots _slots;
    private readonly TimeSpan _lease;
    private readonly TimeProvider _time;
    private readonly ActorTimer _timer;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private bool _isRenewing;
    private bool _isFailing;

    public LeaseRenewerActor(IRateLimiterBackend backend, HeldSlots slots, TimeSpan lease, TimeProvider time)
    {
        _backend = backend;
        _slots = slots;
        _lease = lease;
        _time = time;
        _timer = new ActorTimer(time, Self, Tick.Instance);
        Receive<LeaseRenewer.Wake>(_ => OnWake());
        Receive<LeaseRenewer.NotReleased>(OnNotReleased);
        Receive<Tick>(_ => OnTick());
        Receive<Renewed>(OnRenewed);
        Receive<RenewalFailed>(OnFailed);
    }

    private TimeSpan Interval => _lease / 3;

    /// <summary>Nobody renews from now on what is held still.</summary>
    protected override void PostStop()
    {
        _timer.Dispose();
        foreach (var (slot, _) in _slots.Abandon())
            slot.Lose();
    }

    private void OnNotReleased(LeaseRenewer.NotReleased failed) =>
        _log.Warning("A slot of rate limit {0} could not be given back, and is free when its lease lapses, within {1}: {2}", failed.Slot.Key, DurationText.Of(_lease), failed.Error.Message);

    private void OnWake()
    {
        var held = _slots.TakeOrRest();
        if (held.Length > 0)
            Schedule(held, OldestOf(held), Interval);
    }

    private void OnTick()
    {
        var now = _time.GetTimestamp();
        var held = LoseWhatIsOver(now);
        if (held.Length == 0)
            return;   // the next slot wakes this actor

        // The young ones are left alone: most of them are gone before it is their turn.
        var due = held.Where(one => _time.GetElapsedTime(one.Value, now) >= Interval / 2).Select(static one => one.Key).ToArray();
        if (due.Length > 0 && !_isRenewing)
        {
            _isRenewing = true;
            RenewAsync(due).PipeTo(Self, success: lost => new Renewed(due, lost, now), failure: static error => new RenewalFailed(error));
        }

        // Looks at the clock also when no answer comes. Where all are young, as soon as the oldest is due.
        Schedule(held, due.Length > 0 ? now : OldestOf(held), Interval);
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
            if (renewed.Lost.Contains((slot.Key, slot.Lease.Holder)))
                Lose(slot);
            else
                _slots.Renewed(slot, renewed.StartedAt);
        }

        Schedule(_slots.TakeOrRest(), renewed.StartedAt, Interval);
    }

    private void OnFailed(RenewalFailed failed)
    {
        _isRenewing = false;
        var now = _time.GetTimestamp();
        if (!_isFailing)
            _log.Warning("The leases of {0} slots of rate limits could not be renewed; it is tried again: {1}", _slots.TakeOrRest().Length, failed.Error.Message);
        var held = LoseWhatIsOver(now);
        _isFailing = true;
        Schedule(held, now, _lease / 20);
    }

    /// <summary>Looks again so long after a moment, or when the first lease is over by the clock here, if that is earlier.</summary>
    private void Schedule(KeyValuePair<RateLimitSlot, long>[] held, long after, TimeSpan wait)
    {
        if (held.Length == 0)
        {
            _timer.Stop();
            return;
        }

        var first = OldestOf(held);
        var left = Left(after, wait) is var next && Left(first, _lease) is var end && end < next ? end : next;
        _timer.Start(left);
        if (left > TimeSpan.Zero && (Left(after, wait) <= TimeSpan.Zero || Left(first, _lease) <= TimeSpan.Zero))
            Self.Tell(Tick.Instance);   // the clock has jumped between reading and start
    }

    private TimeSpan Left(long since, TimeSpan wait) => wait - _time.GetElapsedTime(since);

    private static long OldestOf(KeyValuePair<RateLimitSlot, long>[] held) => held.Min(static one => one.Value);

    /// <summary>Here the lease began before it did at the store: what is over here is over there a little later, or already.</summary>
    /// <returns>What is still held.</returns>
    private KeyValuePair<RateLimitSlot, long>[] LoseWhatIsOver(long now)
    {
        var held = _slots.TakeOrRest();
        var over = held.Where(one => _time.GetElapsedTime(one.Value, now) >= _lease).ToArray();
        if (over.Length == 0)
            return held;

        foreach (var (slot, _) in over)
            Lose(slot);
        return _slots.TakeOrRest();
    }

    private void Lose(RateLimitSlot slot)
    {
        if (!_slots.Remove(slot))
            return;   // given back meanwhile

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
