using StackExchange.Redis;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>One settlement on its way to the server.</summary>
internal readonly record struct Settling(Settlement Settlement, RedisValue Id);

/// <summary>What a consumer holds unsettled: its deliveries by tag, with the ids that the server knows them by. Safe for several threads.</summary>
/// <param name="prefetch">The credit. As many more may be finished and wait for what must be safe before they are settled.</param>
internal sealed class HeldMessages(int prefetch)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, Held> _held = [];
    private ulong _lastTag;
    private int _settling;
    private int _finished;

    /// <summary>How many more may be asked for. What is on its way to be settled needs no credit, nor does what is finished.</summary>
    public int Credit
    {
        get
        {
            lock (_gate) return prefetch - (_held.Count - _settling - Math.Min(_finished, prefetch));
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
                _held.Add(++_lastTag, new Held(fetched.Ids[i], Stage.Running));
                deliveries[place++] = new Delivery(consumer, _lastTag, (ReadOnlyMemory<byte>)fetched.Bodies[i], 1 + fetched.EarlierDeliveries(i));
            }
        }

        return deliveries;
    }

    /// <summary>The handling of these is over; they are settled when what follows from it is safe.</summary>
    public void Finish(IBrokerConsumer consumer, IReadOnlyList<Delivery> deliveries)
    {
        lock (_gate)
        {
            for (var i = 0; i < deliveries.Count; i++)
            {
                if (!ReferenceEquals(deliveries[i].Consumer, consumer) || !_held.TryGetValue(deliveries[i].Tag, out var held) || held.Stage is not Stage.Running) continue;
                _held[deliveries[i].Tag] = held with { Stage = Stage.Finished };
                _finished++;
            }
        }
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
                if (!ReferenceEquals(delivery.Consumer, consumer) || !_held.TryGetValue(delivery.Tag, out var held) || held.Stage is Stage.Settling) continue;
                if (held.Stage is Stage.Finished) _finished--;
                _held[delivery.Tag] = held with { Stage = Stage.Settling };
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

    private enum Stage
    {
        Running,
        Finished,
        Settling,
    }

    private readonly record struct Held(RedisValue Id, Stage Stage);
}
