using StackExchange.Redis;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>Tells the server what became of deliveries: one command for each kind of settlement in a batch, sent together.</summary>
internal sealed class SettlementWriter(RedisParts parts, string queue)
{
    /// <summary>Ids for each command: what a script can unpack.</summary>
    private const int Most = 2_000;

    /// <exception cref="BrokerConnectionException">The lease lapsed before the server could be told.</exception>
    public async ValueTask WriteAsync(List<Settling> batch, Lease lease)
    {
        if (batch.Count <= Most && batch.TrueForAll(static one => one.Settlement.Kind == SettlementKind.Ack))
        {
            await AckAsync(batch, lease).ConfigureAwait(false);
            return;
        }

        var writes = new List<Task>();
        foreach (var kind in batch.GroupBy(static one => one.Settlement.Kind))
            foreach (var chunk in kind.Chunk(Most))
                writes.Add(WriteAsync(kind.Key, chunk, lease).AsTask());
        await Task.WhenAll(writes).ConfigureAwait(false);
    }

    private ValueTask WriteAsync(SettlementKind kind, Settling[] batch, Lease lease) => kind switch
    {
        SettlementKind.Ack => AckAsync(batch, lease),
        SettlementKind.DeadLetter => BuryAsync(batch, lease),
        SettlementKind.Requeue => GiveBackAsync(batch, counted: true, lease),
        SettlementKind.Return => GiveBackAsync(batch, counted: false, lease),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown kind of settlement."),
    };

    private ValueTask AckAsync(IReadOnlyList<Settling> batch, Lease lease)
    {
        var args = new RedisValue[batch.Count];
        for (var i = 0; i < args.Length; i++) args[i] = batch[i].Id;
        return WriteAsync(RedisScript.Ack, [parts.Keys.Held(lease.Worker, queue), parts.Keys.Bodies(queue), parts.Keys.Deliveries(queue)], args, lease);
    }

    private ValueTask BuryAsync(Settling[] batch, Lease lease)
    {
        var keys = parts.Keys;
        var dead = QueueName.Dead(queue);
        var args = new RedisValue[1 + 2 * batch.Length];
        args[0] = parts.Settings.DeadMessageTtlMs;
        for (var i = 0; i < batch.Length; i++) (args[2 * i + 1], args[2 * i + 2]) = (batch[i].Id, batch[i].Settlement.DeadBody);
        return WriteAsync(RedisScript.Bury, [keys.Held(lease.Worker, queue), keys.Bodies(queue), keys.Deliveries(queue), keys.Ids(dead), keys.Bodies(dead)], args, lease);
    }

    private ValueTask GiveBackAsync(Settling[] batch, bool counted, Lease lease)
    {
        var keys = parts.Keys;
        RedisValue[] args = [counted ? 1 : 0, RedisSettings.DeliveryCountTtlMs, .. batch.Select(static one => one.Id)];
        return WriteAsync(RedisScript.GiveBack, [keys.Held(lease.Worker, queue), keys.Ids(queue), keys.Bodies(queue), keys.Deliveries(queue)], args, lease);
    }

    private ValueTask WriteAsync(RedisScript script, RedisKey[] keys, RedisValue[] args, Lease lease) =>
        parts.PersistAsync(() => parts.Link.RunAsync(script, keys, args), lease);
}
