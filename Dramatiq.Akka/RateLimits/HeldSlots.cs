namespace Dramatiq.Akka.RateLimits;

/// <summary>
/// The leased slots that this process holds, and when the lease of each began at the earliest. Safe for several threads: most slots come and go between two renewals, and to tell the renewer
/// of each would cost more than the slot.
/// </summary>
internal sealed class HeldSlots
{
    private readonly Lock _gate = new();
    private readonly Dictionary<RateLimitSlot, long> _began = [];
    private bool _isWatched;

    /// <returns>Whether the renewer rests, and must be told.</returns>
    public bool Add(RateLimitSlot slot, long began)
    {
        lock (_gate)
        {
            _began.Add(slot, began);
            var rested = !_isWatched;
            _isWatched = true;
            return rested;
        }
    }

    public bool Remove(RateLimitSlot slot)
    {
        lock (_gate) return _began.Remove(slot);
    }

    /// <summary>Its lease has begun anew. Passed over if the slot was given back meanwhile.</summary>
    public void Renewed(RateLimitSlot slot, long began)
    {
        lock (_gate)
        {
            if (_began.ContainsKey(slot))
                _began[slot] = began;
        }
    }

    /// <summary>What is held now. With nothing held the renewer rests, and the next slot wakes it.</summary>
    public KeyValuePair<RateLimitSlot, long>[] TakeOrRest()
    {
        lock (_gate)
        {
            _isWatched = _began.Count > 0;
            return _isWatched ? [.. _began] : [];
        }
    }

    /// <summary>Takes out everything: there is no renewer any more.</summary>
    public KeyValuePair<RateLimitSlot, long>[] Abandon()
    {
        lock (_gate)
        {
            KeyValuePair<RateLimitSlot, long>[] all = [.. _began];
            _began.Clear();
            _isWatched = false;
            return all;
        }
    }
}
