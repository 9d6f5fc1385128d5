using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.RateLimits;

/// <summary>The lanes of one gate, and how many wait in them. Belongs to the gate.</summary>
internal sealed class Parking(RateLimiters limiters)
{
    private readonly Dictionary<(RateLimit, string), Lane> _lanes = [];

    public IReadOnlyCollection<Lane> Lanes => _lanes.Values;

    /// <summary>How many messages wait.</summary>
    public int Count { get; private set; }

    /// <summary>The lane of this limit and key: made when it is first needed.</summary>
    public Lane Of(RateLimit limit, string key)
    {
        if (!_lanes.TryGetValue((limit, key), out var lane))
            _lanes.Add((limit, key), lane = new Lane(limit, key, limiters.Of(limit, key)));
        return lane;
    }

    public Lane? Find((RateLimit, string) name) => _lanes.GetValueOrDefault(name);

    public void Park(Lane lane, ParkedMessage message)
    {
        lane.Parked.Add(message);
        Count++;
    }

    public void Unpark(Lane lane, ParkedMessage message)
    {
        if (lane.Parked.Remove(message))
            Count--;
    }

    /// <summary>The lane in which most wait, of those that have no room.</summary>
    public Lane? LongestFull()
    {
        Lane? longest = null;
        foreach (var lane in _lanes.Values)
            if (lane.IsFull && lane.Parked.Count > (longest?.Parked.Count ?? 0))
                longest = lane;
        return longest;
    }

    /// <summary>Empties all lanes: what waited, in order.</summary>
    public IReadOnlyList<Work> TakeAll()
    {
        Work[] works = [.. _lanes.Values.SelectMany(static lane => lane.Parked).Order(ParkedMessage.InOrder).Select(static parked => parked.Work)];
        foreach (var lane in _lanes.Values)
            lane.Parked.Clear();
        Count = 0;
        return works;
    }

    public void Forget(IBrokerConsumer consumer)
    {
        foreach (var lane in _lanes.Values)
            Count -= lane.Parked.RemoveWhere(parked => ReferenceEquals(parked.Work.Delivery.Consumer, consumer));
    }

    /// <summary>Drops the lane if nobody waits in it, nor comes back to it.</summary>
    /// <returns>Whether it is gone.</returns>
    public bool DropIfIdle(Lane lane, long nowMs)
    {
        if (!lane.IsIdle(nowMs))
            return false;

        if (_lanes.TryGetValue(lane.Name, out var known) && ReferenceEquals(known, lane))
            _lanes.Remove(lane.Name);
        return true;
    }
}
