namespace Dramatiq.Akka.RateLimits;

/// <summary>One counter in memory, with the leases of its slots and the members of its barrier. Times are milliseconds of the backend's clock.</summary>
internal sealed class MemoryCounter
{
    public long Value { get; set; }

    public long ExpiresAt { get; set; }

    /// <summary>When the lease of each holder lapses.</summary>
    public Dictionary<string, long> Leases { get; } = new(StringComparer.Ordinal);

    /// <summary>Who has arrived, and what was answered.</summary>
    public Dictionary<string, BarrierArrival> Arrived { get; } = new(StringComparer.Ordinal);

    /// <summary>When a slot is free again at the latest.</summary>
    public long NextChangeAt => Leases.Count == 0 ? ExpiresAt : Math.Min(ExpiresAt, Leases.Values.Min());

    public bool IsOver(long now) => now >= ExpiresAt;

    /// <returns>Whether there was any.</returns>
    public bool DropLapsed(long now)
    {
        var before = Leases.Count;
        foreach (var (holder, lapsesAt) in Leases)
            if (lapsesAt <= now)
                Leases.Remove(holder);
        Value = Math.Max(0, Value - (before - Leases.Count));
        return Leases.Count < before;
    }
}
