namespace Dramatiq.Akka.Brokers.InMemory;

/// <summary>What can be consumed by one name, <c>q</c> or <c>q.DQ</c>: its backlog and its consumers.</summary>
/// <remarks>
/// Guarded by <see cref="InMemoryQueue.Gate"/>: methods named Held expect it to be held. Whenever messages wait and a
/// consumer could take some, exactly one such consumer has been woken; after taking its share it wakes the next.
/// </remarks>
internal sealed class Lane(InMemoryQueue queue, string name)
{
    private readonly Backlog _backlog = new();
    private readonly List<InMemoryConsumer> _consumers = [];
    private long _lastPlace;
    private int _turn;

    public InMemoryQueue Queue => queue;

    public string Name => name;

    public int ReadyHeld => _backlog.Count;

    public bool IsEmptyHeld => _backlog.Count == 0 && InFlightHeld == 0;

    public int InFlightHeld
    {
        get
        {
            var inFlight = 0;
            foreach (var consumer in _consumers) inFlight += consumer.UnsettledHeld;
            return inFlight;
        }
    }

    /// <summary>Takes a message in and wakes nobody: the caller does, once for its whole batch.</summary>
    public void Add(ReadOnlyMemory<byte> body, long eta, byte priority)
    {
        lock (queue.Gate)
        {
            _backlog.Add(new StoredMessage(body, ++_lastPlace, eta, Deliveries: 0, priority));
            queue.ChangedHeld();
        }
    }

    public void Wake()
    {
        InMemoryConsumer? woken;
        lock (queue.Gate) woken = NextToWakeHeld();
        woken?.Wake();
    }

    /// <summary>Picks the consumer whose turn it is. The caller wakes it after letting go of the lock.</summary>
    public InMemoryConsumer? NextToWakeHeld()
    {
        if (_backlog.Count == 0) return null;
        for (var i = 0; i < _consumers.Count; i++)
        {
            var at = (_turn + i) % _consumers.Count;
            var consumer = _consumers[at];
            if (!consumer.IsWaitingHeld) continue;
            _turn = at + 1;
            consumer.MarkWokenHeld();
            return consumer;
        }

        return null;
    }

    /// <summary>How many messages one consumer takes now: all that its credit allows, or its part when others wait too.</summary>
    public int ShareHeld(int credit)
    {
        var takers = 1;
        foreach (var consumer in _consumers)
        {
            if (consumer.IsWaitingHeld) takers++;
        }

        return Math.Min(credit, (_backlog.Count + takers - 1) / takers);
    }

    public StoredMessage TakeHeld() => _backlog.Take();

    public StoredMessage? FirstHeld() => _backlog.First();

    public void PutBackHeld(in StoredMessage message) => _backlog.PutBack(message);

    public void JoinHeld(InMemoryConsumer consumer) => _consumers.Add(consumer);

    public void LeaveHeld(InMemoryConsumer consumer) => _consumers.Remove(consumer);

    /// <summary>The earliest eta of what waits and of what consumers hold; <see cref="long.MaxValue"/> when there is nothing.</summary>
    public long EarliestEtaHeld()
    {
        var earliest = _backlog.EarliestEta();
        foreach (var consumer in _consumers) earliest = Math.Min(earliest, consumer.EarliestEtaHeld());
        return earliest;
    }

    public List<StoredMessage> WaitingHeld(bool withInFlight)
    {
        var messages = new List<StoredMessage>(_backlog.Count);
        _backlog.CopyTo(messages);
        if (withInFlight)
        {
            foreach (var consumer in _consumers) consumer.CopyUnsettledHeld(messages);
        }

        messages.Sort(static (a, b) => a.Place.CompareTo(b.Place));
        return messages;
    }

    public int PurgeHeld()
    {
        var count = _backlog.Count;
        _backlog.Clear();
        return count;
    }

    public InMemoryConsumer[] Consumers()
    {
        lock (queue.Gate) return [.. _consumers];
    }
}
