using System.Collections.Concurrent;
using Dramatiq.Akka.Brokers.Redis;
using Dramatiq.Akka.Tests.Brokers.RabbitMq;

namespace Dramatiq.Akka.Tests.Brokers.Redis;

/// <summary>The primary dies while a worker drains and a publisher publishes, and its replica takes over.</summary>
public sealed class FailoverSpec
{
    private const int Early = 3_000;
    private const int Late = 500;
    private const int Prefetch = 64;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_failover_by_Sentinel_must_lose_nothing_that_was_replicated(bool tls)
    {
        await using var replicas = await RedisReplicas.StartAsync(sentinel: true, tls);
        await FailOverAsync(replicas, replicas.SentinelUrl, static _ => Task.CompletedTask);
    }

    [Fact]
    public async Task A_failover_by_hand_must_lose_nothing_that_was_replicated()
    {
        await using var replicas = await RedisReplicas.StartAsync(sentinel: false);
        await FailOverAsync(replicas, replicas.BothHostsUrl, static replicas => replicas.PromoteAsync());
    }

    [Fact]
    public async Task A_message_whose_ack_the_failover_swallowed_must_run_again()
    {
        await using var replicas = await RedisReplicas.StartAsync(sentinel: false);
        var ran = new ConcurrentQueue<int>();
        await using var host = await StartAsync(replicas.BothHostsUrl, null, (int n) => ran.Enqueue(n));
        await host.Queue.EnqueueAsync(new ActorCall("note", 1));
        await RedisFixture.EventuallyAsync(async () => ran.Contains(1) && await replicas.Replica.HashLengthAsync("dramatiq:q.msgs") == 0, "it has run and is acked");

        // What the replica knows when it was told of the fetch, and not of the ack.
        var worker = Assert.Single(await replicas.Primary.SortedSetRangeByRankAsync("dramatiq:__heartbeats__"));
        await replicas.Primary.HashSetAsync("dramatiq:q.msgs", "swallowed", """
            {"queue_name":"q","actor_name":"note","args":[2],"kwargs":{},"options":{"redis_message_id":"swallowed"},"message_id":"2","message_timestamp":1700000000000}
            """);
        await replicas.Primary.SetAddAsync($"dramatiq:__acks__.{worker}.q", "swallowed");
        await replicas.ReplicatedAsync();
        await replicas.KillPrimaryAsync();
        await replicas.PromoteAsync();
        await RedisFixture.EventuallyAsync(() => Task.FromResult(ran.Contains(2)), "it has run again");
        await RedisFixture.EventuallyAsync(async () => await replicas.Replica.HashLengthAsync("dramatiq:q.msgs") == 0, "and is acked");
    }

    private static async Task FailOverAsync(RedisReplicas replicas, string url, Func<RedisReplicas, Task> promote)
    {
        var tally = new Tally(Early + Late);
        var died = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await StartAsync(url, replicas.Authority, async (int n) =>
        {
            await Task.Delay(1);
            if (tally.Distinct >= Early / 2)
                await died.Task;   // the worker must not be done before that
            tally.Count(n);
        });
        try
        {
            await host.Queue.EnqueueManyAsync(Calls(0, Early));
            await replicas.ReplicatedAsync();
            await tally.ReachAsync(Early / 10);
            await replicas.KillPrimaryAsync();
        }
        finally
        {
            died.SetResult();
        }

        // Sent while there is no primary: confirmed by the next one, or not at all.
        var late = host.Queue.EnqueueManyAsync(Calls(Early, Late));
        await promote(replicas);
        await replicas.PromotedAsync();
        await late;
        await tally.All;
        await RedisFixture.EventuallyAsync(async () => await replicas.Replica.HashLengthAsync("dramatiq:q.msgs") == 0, "all are acked");
        Assert.Equal(Early + Late, tally.Distinct);
        // What was in hand at the death, and the acks of the last moments before, which the replica may not have been told of.
        Assert.InRange(tally.Duplicates, 0, Early / 2);
        Assert.Equal(0, await replicas.Replica.ListLengthAsync("dramatiq:q"));
        Assert.Equal(0, await replicas.Replica.SortedSetLengthAsync("dramatiq:q.XQ"));
    }

    private static Task<RedisHost> StartAsync(string url, string? authority, Delegate handler) =>
        RedisHost.StartAsync(new RedisOptions { Url = url, TlsCaFile = authority, CommandTimeout = TimeSpan.FromSeconds(2), HeartbeatTimeout = TimeSpan.FromSeconds(60) }, d =>
        {
            d.Options.Queues.Workers = 8;
            d.Options.Queues.Prefetch = Prefetch;
            d.Options.GatewayTimeout = TimeSpan.FromMinutes(2);
            d.AddActor("note", handler, static o => o.Queue("q"));
        });

    private static IEnumerable<object> Calls(int first, int count) => Enumerable.Range(first, count).Select(static n => (object)new ActorCall("note", n));
}
