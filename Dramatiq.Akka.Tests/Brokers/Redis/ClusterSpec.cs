using System.Collections.Concurrent;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Brokers.Redis;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.RateLimits;

namespace Dramatiq.Akka.Tests.Brokers.Redis;

/// <summary>A Redis Cluster: what belongs together must be on one node, which a hash tag in the namespace sees to.</summary>
public sealed class ClusterSpec : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private RedisCluster? _cluster;

    private RedisCluster Cluster => _cluster ?? throw new NoRedisException(RedisProcess.WhyNot!);

    public async Task InitializeAsync()
    {
        if (RedisProcess.WhyNot is null) _cluster = await RedisCluster.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (_cluster is not null) await _cluster.DisposeAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_worker_must_do_all_of_its_work_on_whichever_node_its_namespace_is(int node)
    {
        var tag = await Cluster.TagOnAsync(node);
        var options = new RedisOptions { Url = Cluster.Url, Namespace = tag, HeartbeatTimeout = TimeSpan.FromSeconds(5) };
        var attempts = new ConcurrentQueue<int>();
        await using var host = await RedisHost.StartAsync(
            options,
            d => d
                .AddActor("square", static (long n) => n * n, static o => o.Queue("q").StoreResults())
                .AddActor("limited", static (int n) => n, static o => o.Queue("q").StoreResults().RateLimit(RateLimit.Concurrent("{limited}", 1)))
                .AddActor("flaky", (int n) =>
                {
                    attempts.Enqueue(n);
                    throw new InvalidOperationException("as ordered");
                }, static o => o.Queue("q").MaxRetries(1).MinBackoff(TimeSpan.FromMilliseconds(50))),
            static akka => akka.WithRedisResults());

        // Results have keys of their own, on both nodes.
        var enqueued = await host.Queue.EnqueueManyAsync(Enumerable.Range(0, 200).Select(static n => (object)new ActorCall(n % 2 == 0 ? "square" : "limited", n)));
        var results = await Task.WhenAll(enqueued.Select(static one => one.GetResultAsync<long>(Patience)));
        Assert.Equal(Enumerable.Range(0, 200).Select(static n => n % 2 == 0 ? (long)n * n : n), results);
        Assert.True(await Cluster.KeysOnAsync(0) > 20 && await Cluster.KeysOnAsync(1) > 20);

        await host.Queue.EnqueueAsync(new ActorCall("flaky", 1));
        await RedisFixture.EventuallyAsync(async () => (await host.Inspection.AskAsync(new GetQueue("q"))).Dead == 1, "it has died");
        Assert.Equal([1, 1], attempts);
        Assert.Equal("flaky", Assert.Single((await host.Inspection.AskAsync(new GetMessages("q", MessagePlace.Dead, 0, 10))).Messages).ActorName);
    }

    [Fact]
    public async Task What_waits_for_a_key_of_another_node_must_hear_of_it()
    {
        await using var host = await RedisHost.StartAsync(
            new RedisOptions { Url = Cluster.Url, Namespace = await Cluster.TagOnAsync(0) }, static d => d.AddActor("noop", static (int n) => n, static o => o.Queue("q")));
        await host.Queue.EnqueueAsync(new ActorCall("noop", 1));   // its connection for changes is with the node of its queues
        var limiters = RateLimiters.Get(host.System);
        var key = await Cluster.TagOnAsync(1) + ":done";
        await using var outside = new RedisRateLimiterBackend(host.System, new RedisOptions { Url = Cluster.Url, CommandTimeout = RedisFixture.CommandTimeout });
        var waits = limiters.Backend.WaitAsync(key, Timeout.InfiniteTimeSpan, CancellationToken.None).AsTask();
        await Task.Delay(500);
        Assert.False(waits.IsCompleted);
        await outside.NotifyAsync(key, TimeSpan.FromMinutes(1), CancellationToken.None);
        Assert.True(await waits.WaitAsync(Patience));
    }

    [Fact]
    public async Task Groups_must_be_counted_on_whichever_node_their_ids_are()
    {
        var told = new EndToEnd.Feed<string>();
        await using var host = await RedisHost.StartAsync(
            new RedisOptions { Url = Cluster.Url, Namespace = await Cluster.TagOnAsync(0) },
            d => d
                .AddActor("square", static (long n) => n * n, static o => o.Queue("q").StoreResults())
                .AddActor("sum", static (List<long> all) => all.Sum(), static o => o.Queue("q").StoreResults())
                .AddActor("fail", void () => throw new InvalidOperationException("as ordered"), static o => o.Queue("q").MaxRetries(0))
                .AddActor("tell", (string what) => told.Add(what), static o => o.Queue("q")),
            static akka => akka.WithRedisResults());
        static ActorCall Tell(string what) => new("tell", what);
        for (var i = 0; i < 8; i++)
        {
            var group = Group.Of(new ActorCall("square"), new ActorCall("square")).AddCompletionCallback(Tell("done")).AddEndCallback(Tell("ended"));
            var run = await host.Queue.RunAsync(new ActorCall("square", 2) | group | new ActorCall("sum"));
            Assert.Equal(32, await run.GetResultAsync<long>(Patience));
        }

        await host.Queue.RunAsync(Group.Of(new ActorCall("fail"), new ActorCall("square", 1)).AddFailureCallback(Tell("failed")).AddEndCallback(Tell("ended")));
        await told.AtLeastAsync(18);
        Assert.Equal([("done", 8), ("ended", 9), ("failed", 1)], told.All.CountBy(static what => what).Select(static pair => (pair.Key, pair.Value)).Order());
    }

    [Fact]
    public async Task Key_without_a_hash_tag_must_be_named()
    {
        var system = ActorSystem.Create("limits", "akka.loglevel = WARNING");
        await using var backend = new RedisRateLimiterBackend(system, new RedisOptions { Url = Cluster.Url, CommandTimeout = RedisFixture.CommandTimeout });
        var error = await Assert.ThrowsAnyAsync<BrokerException>(async () => await backend.ArriveAsync("plain", "member", TimeSpan.FromMinutes(1), CancellationToken.None));
        Assert.Contains("'plain' and 'plain@arrived' are not: give the key a hash tag, for instance '{plain}'.", error.Message, StringComparison.Ordinal);
        await system.Terminate();
    }

    [Fact]
    public async Task Without_a_hash_tag_the_error_must_say_what_to_do()
    {
        await using var broker = new RedisBroker(new RedisOptions { Url = Cluster.Url, CommandTimeout = RedisFixture.CommandTimeout });
        var error = await Assert.ThrowsAnyAsync<BrokerException>(async () =>
        {
            await broker.DeclareQueueAsync("q", CancellationToken.None);
            await broker.PublishAsync([new Publication(new Message("q", "add", "[1,2]"u8.ToArray(), "{}"u8.ToArray(), MessageOptions.Empty, "1", 1), null)], CancellationToken.None);
        });
        Assert.Contains("give dramatiq.redis.namespace a hash tag, for instance '{dramatiq}'", error.Message, StringComparison.Ordinal);
    }
}
