namespace Dramatiq.Akka.Brokers.RabbitMq.Consuming;

/// <summary>The deliveries that a consumer has not settled, and when they came. Safe to use from several threads.</summary>
internal sealed class HeldDeliveries
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, (Delivery Delivery, long Arrived)> _held = [];

    public int Count
    {
        get
        {
            lock (_gate)
                return _held.Count;
        }
    }

    public void Add(Delivery delivery, long arrived)
    {
        lock (_gate)
            _held.Add(delivery.Tag, (delivery, arrived));
    }

    public void Remove(ulong tag)
    {
        lock (_gate)
            _held.Remove(tag);
    }

    /// <summary>When the oldest of them came; null when there is none.</summary>
    public long? OldestArrival()
    {
        lock (_gate)
        {
            long? oldest = null;
            foreach (var (_, arrived) in _held.Values)
                oldest = oldest is { } known ? Math.Min(known, arrived) : arrived;
            return oldest;
        }
    }

    public Delivery[] TakeAll()
    {
        lock (_gate)
        {
            var all = _held.Values.Select(static held => held.Delivery).ToArray();
            _held.Clear();
            return all;
        }
    }
}
