using System.Diagnostics.CodeAnalysis;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Enqueueing;

/// <summary>What waits for its turn at the broker, in order. A ring, so that what comes and goes costs no allocation.</summary>
internal sealed class WaitingMessages
{
    private EnqueueContext?[] _ring = new EnqueueContext?[16];
    private int _first;

    public int Count { get; private set; }

    /// <summary>In order.</summary>
    public IEnumerable<EnqueueContext> All => Enumerable.Range(0, Count).Select(i => _ring[Place(i)]!);

    public void Add(EnqueueContext context)
    {
        GrowIfFull();
        _ring[Place(Count++)] = context;
    }

    public bool TryPeek([NotNullWhen(true)] out EnqueueContext? first)
    {
        first = Count > 0 ? _ring[_first] : null;
        return first is not null;
    }

    public bool TryTake([NotNullWhen(true)] out EnqueueContext? first)
    {
        if (!TryPeek(out first))
            return false;

        _ring[_first] = null;
        _first = Place(1);
        Count--;
        return true;
    }

    /// <summary>Back to where it stood: what is tried again comes before what came after it.</summary>
    public void PutBack(EnqueueContext context)
    {
        GrowIfFull();
        _first = Place(-1);
        Count++;
        var i = 0;
        for (; i < Count - 1 && _ring[Place(i + 1)]!.Number < context.Number; i++)
            _ring[Place(i)] = _ring[Place(i + 1)];
        _ring[Place(i)] = context;
    }

    /// <summary>Puts them all back. The last first: each then finds its place after as few steps as may be.</summary>
    public void PutBack(List<EnqueueContext> contexts)
    {
        for (var i = contexts.Count - 1; i >= 0; i--)
            PutBack(contexts[i]);
    }

    // The length is a power of two.
    private int Place(int index) => (_first + index) & (_ring.Length - 1);

    private void GrowIfFull()
    {
        if (Count < _ring.Length)
            return;

        var longer = new EnqueueContext?[_ring.Length * 2];
        for (var i = 0; i < Count; i++)
            longer[i] = _ring[Place(i)];
        _ring = longer;
        _first = 0;
    }
}
