using StackExchange.Redis;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>One settlement on its way to the server.</summary>
internal readonly record struct Settling(Settlement Settlement, RedisValue Id);

/// <summary>What a consumer holds unsettled: its deliveries by tag, with the ids that the server knows them by. Safe for several threads.</summary>
internal sealed class HeldMessages
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, Held> _held = [];
    private ulong _lastTag;

    private int _settling;

    /// <summary>How many are not yet on their way to be settled: what counts against the credit.</summary>
    public int Unsettled
    {
        get
        {
            lock (_gate) return _held.Count - _settling;
        }
    }

    /// <summary>The ids, in the order in which they came.</summary>
    public RedisValue[] Ids()
    {
        lock (_gate) return [.. _held.OrderBy(static held => held.Key).Select(static held => held.Value.Id)];
    }

    public Delivery[] Add(IBrokerConsumer consumer, in Fetched fetched)
    {
        var deliveries = new Delivery[fetched.Count];
        var place = 0;
        lock (_gate)
        {
            for (var i = 0; i < fetched.Ids.Length; i++)
            {
                if (fetched.Bodies[i].IsNull) continue;
                _held.Add(++_lastTag, new Held(fetched.Ids[i], IsSettling: false));
                deliveries[place++] = new Delivery(consumer, _lastTag, (ReadOnlyMemory<byte>)fetched.Bodies[i], 1 + fetched.EarlierDeliveries(i));
            }
        }

        return deliveries;
    }

    /// <summary>Those that are held and not on their way already. They count as held until the server has been told.</summary>
    public List<Settling> BeginSettling(IBrokerConsumer consumer, IReadOnlyList<Settlement> settlements)
    {
        var batch = new List<Settling>(settlements.Count);
        lock (_gate)
        {
            for (var i = 0; i < settlements.Count; i++)
            {
                var delivery = settlements[i].Delivery;
                if (!ReferenceEquals(delivery.Consumer, consumer) || !_held.TryGetValue(delivery.Tag, out var held) || held.IsSettling) continue;
                _held[delivery.Tag] = held with { IsSettling = true };
                _settling++;
                batch.Add(new Settling(settlements[i], held.Id));
            }
        }

        return batch;
    }

    public void Settled(List<Settling> batch)
    {
        lock (_gate)
        {
            foreach (var settling in batch) _held.Remove(settling.Settlement.Delivery.Tag);
            _settling -= batch.Count;
        }
    }

    private readonly record struct Held(RedisValue Id, bool IsSettling);
}
