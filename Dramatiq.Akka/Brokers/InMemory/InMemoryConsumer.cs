namespace Dramatiq.Akka.Brokers.InMemory;

/// <summary>One materialized source: the messages it holds unsettled, and its wish for more.</summary>
internal sealed class InMemoryConsumer(Lane lane, int prefetch) : IBrokerConsumer
{
    private readonly Dictionary<ulong, StoredMessage> _unsettled = [];
    private Action? _serve;
    private Action? _complete;
    private ulong _lastTag;
    private bool _wantsMore;
    private bool _stopped;
    private bool _closed;

    public int UnsettledHeld => _unsettled.Count;

    public bool IsWaitingHeld => _wantsMore && !_stopped && _unsettled.Count < prefetch;

    private Lock Gate => lane.Queue.Gate;

    /// <summary>Joins the lane, unless the consumer was closed before its stream began.</summary>
    /// <param name="serve">Makes the stage ask again, on the stage's own thread.</param>
    /// <param name="complete">Makes the stage complete.</param>
    public bool Start(Action serve, Action complete)
    {
        lock (Gate)
        {
            if (_closed) return false;
            _serve = serve;
            _complete = complete;
            lane.JoinHeld(this);
            return true;
        }
    }

    public void MarkWokenHeld() => _wantsMore = false;

    public void Wake() => _serve?.Invoke();

    /// <summary>Takes what credit and backlog allow; null when that is nothing, and then the stage is woken as soon as there is something.</summary>
    public Delivery[]? TryTake()
    {
        Delivery[]? batch = null;
        InMemoryConsumer? next;
        lock (Gate)
        {
            _wantsMore = false;
            if (!_stopped && lane.ShareHeld(prefetch - _unsettled.Count) is > 0 and var count)
            {
                batch = new Delivery[count];
                for (var i = 0; i < count; i++) batch[i] = HandOutHeld();
            }

            _wantsMore = batch is null;
            next = lane.NextToWakeHeld();
        }

        next?.Wake();
        return batch;
    }

    public ValueTask SettleAsync(IReadOnlyList<Settlement> settlements)
    {
        InMemoryConsumer? woken;
        lock (Gate)
        {
            if (_closed)
            {
                return ValueTask.FromException(new BrokerConnectionException(
                    $"The consumer of queue '{lane.Name}' is closed; what it had not settled is back in the queue."));
            }

            var died = false;
            for (var i = 0; i < settlements.Count; i++) died |= SettleHeld(settlements[i]);
            lane.Queue.ChangedHeld(died);
            woken = lane.NextToWakeHeld();
        }

        woken?.Wake();
        return ValueTask.CompletedTask;
    }

    public ValueTask StopAsync()
    {
        lock (Gate) _stopped = true;
        return ValueTask.CompletedTask;
    }

    public ValueTask CloseAsync()
    {
        if (Leave()) _complete?.Invoke();
        return ValueTask.CompletedTask;
    }

    /// <summary>Gives everything back and leaves the lane.</summary>
    /// <returns>False when that had happened already.</returns>
    public bool Leave()
    {
        InMemoryConsumer? woken;
        lock (Gate)
        {
            if (_closed) return false;
            _closed = _stopped = true;
            foreach (var message in _unsettled.Values) lane.PutBackHeld(message);
            _unsettled.Clear();
            lane.LeaveHeld(this);
            woken = lane.NextToWakeHeld();
        }

        woken?.Wake();
        return true;
    }

    public long EarliestEtaHeld()
    {
        var earliest = long.MaxValue;
        foreach (var message in _unsettled.Values) earliest = Math.Min(earliest, message.Eta);
        return earliest;
    }

    public void CopyUnsettledHeld(List<StoredMessage> messages) => messages.AddRange(_unsettled.Values);

    private Delivery HandOutHeld()
    {
        var message = lane.TakeHeld();
        message = message with { Deliveries = message.Deliveries + 1 };
        _unsettled.Add(++_lastTag, message);
        return new Delivery(this, _lastTag, message.Body, message.Deliveries);
    }

    /// <returns>Whether a dead letter came of it.</returns>
    private bool SettleHeld(Settlement settlement)
    {
        var delivery = settlement.Delivery;
        if (!ReferenceEquals(delivery.Consumer, this) || !_unsettled.Remove(delivery.Tag, out var message)) return false;
        switch (settlement.Kind)
        {
            case SettlementKind.Ack:
                return false;
            case SettlementKind.DeadLetter:
                lane.Queue.BuryHeld(settlement.DeadBody.IsEmpty ? message.Body : settlement.DeadBody, settlement.Cause);
                return true;
            case SettlementKind.Requeue:
                lane.PutBackHeld(message);
                return false;
            case SettlementKind.Return:
                lane.PutBackHeld(message with { Deliveries = message.Deliveries - 1 });
                return false;
            default:
                throw new ArgumentOutOfRangeException(nameof(settlement), settlement.Kind, "Unknown kind of settlement.");
        }
    }
}
