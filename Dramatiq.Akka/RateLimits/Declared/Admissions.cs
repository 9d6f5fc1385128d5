using Dramatiq.Akka.Brokers;

namespace Dramatiq.Akka.RateLimits;

/// <summary>What has room and has not come to its end. Belongs to the gate.</summary>
internal sealed class Admissions
{
    private readonly Dictionary<Delivery, Admission> _all = [];

    public int Count => _all.Count;

    /// <summary>A message has room. It waits for a worker.</summary>
    public void Add(Delivery delivery, RateLimitSlot slot, Lane lane)
    {
        _all[delivery] = new Admission(slot, lane);
        lane.Unstarted++;
    }

    /// <summary>It has a worker.</summary>
    /// <returns>Its lane; null for one that has come to its end already.</returns>
    public Lane? Start(Delivery delivery)
    {
        if (!_all.TryGetValue(delivery, out var admission) || admission.IsStarted)
            return null;

        admission.IsStarted = true;
        admission.Lane.Unstarted--;
        return admission.Lane;
    }

    /// <summary>It has come to its end, with a worker or without.</summary>
    /// <returns>Where its room is free; null for one that never had any.</returns>
    public Lane? End(Delivery delivery)
    {
        if (!_all.Remove(delivery, out var admission))
            return null;

        admission.Slot.Release();
        if (!admission.IsStarted)
            admission.Lane.Unstarted--;
        return admission.Lane;
    }

    /// <summary>The gate stops. Workers stop with it, but a handler may still be on its way to heed that: nobody else may have its slot yet.</summary>
    public void Lapse()
    {
        foreach (var admission in _all.Values)
            admission.Slot.Lapse();
    }

    private sealed class Admission(RateLimitSlot slot, Lane lane)
    {
        public RateLimitSlot Slot => slot;

        public Lane Lane => lane;

        public bool IsStarted { get; set; }
    }
}
