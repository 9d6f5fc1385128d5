namespace Dramatiq.Akka.Brokers.InMemory;

/// <summary>The waiting messages of one lane in the order of their delivery: higher priority first, then older first.</summary>
/// <remarks>
/// Plain messages go through a queue and never meet the heap. The heap holds those with a priority and those that came
/// back; a plain one that came back is older than whatever the queue still holds, so the heap always goes first.
/// </remarks>
internal sealed class Backlog
{
    private readonly Queue<StoredMessage> _plain = new();
    private readonly PriorityQueue<StoredMessage, Rank> _ranked = new();

    public int Count => _plain.Count + _ranked.Count;

    public void Add(in StoredMessage message)
    {
        if (message.Priority == 0) _plain.Enqueue(message);
        else PutBack(message);
    }

    public void PutBack(in StoredMessage message) => _ranked.Enqueue(message, new Rank(message.Priority, message.Place));

    public StoredMessage Take() => _ranked.Count > 0 ? _ranked.Dequeue() : _plain.Dequeue();

    /// <summary>The next in turn, which stays.</summary>
    public StoredMessage? First() => _ranked.Count > 0 ? _ranked.Peek() : _plain.TryPeek(out var first) ? first : null;

    public void CopyTo(List<StoredMessage> messages)
    {
        messages.AddRange(_plain);
        foreach (var (message, _) in _ranked.UnorderedItems) messages.Add(message);
    }

    public long EarliestEta()
    {
        var earliest = long.MaxValue;
        foreach (var message in _plain) earliest = Math.Min(earliest, message.Eta);
        foreach (var (message, _) in _ranked.UnorderedItems) earliest = Math.Min(earliest, message.Eta);
        return earliest;
    }

    public void Clear()
    {
        _plain.Clear();
        _ranked.Clear();
    }

    private readonly record struct Rank(byte Priority, long Place) : IComparable<Rank>
    {
        public int CompareTo(Rank other) =>
            Priority != other.Priority ? other.Priority.CompareTo(Priority) : Place.CompareTo(other.Place);
    }
}
