namespace Dramatiq.Akka.RateLimits;

/// <summary>Slots that were granted to a gate and are still in its mailbox: a gate that stops reads it no more, and somebody has to give them back. Safe for several threads.</summary>
internal sealed class UnclaimedSlots
{
    private readonly Lock _gate = new();
    private readonly HashSet<RateLimitSlot> _slots = [];
    private bool _isClosed;

    /// <summary>A slot is on its way to the gate. Once that has stopped, it goes back at once.</summary>
    public void Add(RateLimitSlot slot)
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                _slots.Add(slot);
                return;
            }
        }

        slot.Release();
    }

    /// <summary>The gate has it.</summary>
    public void Claim(RateLimitSlot slot)
    {
        lock (_gate) _slots.Remove(slot);
    }

    /// <summary>The gate has stopped.</summary>
    public void Close()
    {
        RateLimitSlot[] left;
        lock (_gate)
        {
            _isClosed = true;
            left = [.. _slots];
            _slots.Clear();
        }

        foreach (var slot in left) slot.Release();
    }
}
