using StackExchange.Redis;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>What one fetch brought.</summary>
/// <param name="Ids">The ids.</param>
/// <param name="Bodies">Their bodies; null where there is none, since somebody dropped it.</param>
/// <param name="Earlier">How often each was handed out before; null where none was.</param>
internal readonly record struct Fetched(RedisValue[] Ids, RedisValue[] Bodies, RedisValue[]? Earlier)
{
    public int Count { get; } = Bodies.Count(static body => !body.IsNull);

    public int EarlierDeliveries(int index) => Earlier is { } earlier && earlier[index].TryParse(out int count) ? count : 0;
}

/// <summary>Fetches for one consumer. After a call of unknown outcome it first gives back what the server may have handed over in vain.</summary>
internal sealed class Fetcher(RedisParts parts, string queue, IBrokerConsumer consumer, HeldMessages held)
{
    private bool _uncertain;
    private int _changes;

    public static BrokerConnectionException Lapsed(string queue) =>
        new($"The consumer of queue '{queue}' was silent for longer than dramatiq.redis.heartbeat-timeout, so what it held may be with others by now.");

    /// <returns>The deliveries, and how many ids the queue gave: fewer than wanted when it is empty now.</returns>
    /// <exception cref="BrokerConnectionException">The lease has lapsed.</exception>
    public async ValueTask<(Delivery[] Batch, int Found)> FetchAsync(Lease lease, int wanted, CancellationToken stopping)
    {
        var pause = parts.Settings.PollMin;
        while (true)
        {
            try
            {
                if (_uncertain || _changes != parts.Link.Changes) await ReconcileAsync(lease).ConfigureAwait(false);
                _uncertain = true;
                var fetched = await AskAsync(lease, wanted).ConfigureAwait(false);
                var batch = held.Add(consumer, fetched);
                _uncertain = false;
                return (batch, fetched.Ids.Length);
            }
            catch (BrokerException error) when (error.IsTransient && !lease.HasLapsed && lease.SinceRenewal < parts.Settings.HeartbeatTimeout)
            {
                await Task.Delay(pause, stopping).ConfigureAwait(false);
                if (pause < TimeSpan.FromMilliseconds(250)) pause *= 2;
            }
        }
    }

    private async ValueTask<Fetched> AskAsync(Lease lease, int wanted)
    {
        var keys = parts.Keys;
        var answer = await parts.Link.RunAsync(
            RedisScript.Fetch,
            [keys.Heartbeats, keys.Ids(queue), keys.Bodies(queue), keys.Held(lease.Worker, queue), keys.Deliveries(queue)],
            [lease.Worker, parts.Settings.HeartbeatTimeoutMs, wanted]).ConfigureAwait(false);
        if (answer.IsNull) throw LapsedNow(lease);
        var rows = (RedisResult[])answer!;
        return rows.Length == 0
            ? new Fetched([], [], null)
            : new Fetched((RedisValue[])rows[0]!, (RedisValue[])rows[1]!, rows.Length > 2 && !rows[2].IsNull ? (RedisValue[])rows[2]! : null);
    }

    /// <summary>
    /// Also when another server may be there: the acks that a failover or a restart swallowed left messages in the hands of this worker, which knows nothing of them any more.
    /// </summary>
    private async ValueTask ReconcileAsync(Lease lease)
    {
        var changes = parts.Link.Changes;
        var keys = parts.Keys;
        var back = (long)await parts.Link.RunAsync(
            RedisScript.Reconcile,
            [keys.Heartbeats, keys.Held(lease.Worker, queue), keys.Ids(queue), keys.Bodies(queue)],
            [lease.Worker, parts.Settings.HeartbeatTimeoutMs, .. held.Ids()]).ConfigureAwait(false);
        if (back < 0) throw LapsedNow(lease);
        _uncertain = false;
        _changes = changes;
    }

    private BrokerConnectionException LapsedNow(Lease lease)
    {
        parts.Leases.Leave(lease);
        lease.Lapse();
        return Lapsed(queue);
    }
}
