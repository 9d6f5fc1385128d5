namespace Dramatiq.Akka.Workers;

/// <summary>What waits for a worker: the lowest priority number first, then first come. Bounded by the consumer's prefetch.</summary>
internal sealed class PriorityBacklog
{
    private readonly PriorityQueue<Work, Place> _queue = new(Place.Comparer);
    private long _arrivals;

    public int Count => _queue.Count;

    public void Add(Work work) => _queue.Enqueue(work, new Place(work.Actor.Priority, _arrivals++));

    public bool TryTake(out Work work) => _queue.TryDequeue(out work!, out _);

    /// <summary>Drops what the predicate names.</summary>
    public void RemoveAll(Predicate<Work> drops)
    {
        var kept = _queue.UnorderedItems.Where(item => !drops(item.Element)).ToArray();
        _queue.Clear();
        _queue.EnqueueRange(kept);
    }

    /// <summary>Some of what waits, in no order.</summary>
    public IReadOnlyList<Work> Some(int most) => [.. _queue.UnorderedItems.Take(most).Select(static item => item.Element)];

    /// <summary>Empties the backlog, in order.</summary>
    public IReadOnlyList<Work> TakeAll()
    {
        var all = new List<Work>(_queue.Count);
        while (_queue.TryDequeue(out var work, out _))
            all.Add(work);
        return all;
    }

    private readonly record struct Place(int Priority, long Arrival)
    {
        public static readonly IComparer<Place> Comparer = Comparer<Place>.Create(static (x, y) =>
            x.Priority != y.Priority ? x.Priority.CompareTo(y.Priority) : x.Arrival.CompareTo(y.Arrival));
    }
}
