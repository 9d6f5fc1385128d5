using Dramatiq.Akka.Brokers.Redis;
using Dramatiq.Akka.Tests.Brokers.Redis;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Results.Redis;

/// <summary>Workers and waits of whole hosts on one Redis, which is cut and restarted under them. A server of its own.</summary>
public sealed class WholeWaySpec(RedisServer server) : IClassFixture<RedisServer>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private RedisOptions Options() => new() { Url = server.Url, Namespace = "test-" + Guid.NewGuid().ToString("N"), HeartbeatTimeout = TimeSpan.FromSeconds(5) };

    private async Task<int> ConnectionsAsync(string name) => ((string)(await server.Database.ExecuteAsync("CLIENT", "LIST"))!)
        .Split('\n').Count(line => line.Contains($"name={name} ", StringComparison.Ordinal));

    /// <summary>How many the queues have once no more are being opened.</summary>
    private async Task<int> SettledConnectionsAsync()
    {
        var settled = -1;
        for (var equal = 0; equal < 10;)
        {
            await Task.Delay(100);
            var now = await ConnectionsAsync("dramatiq.akka");
            (settled, equal) = (now, now == settled ? equal + 1 : 1);
        }

        return settled;
    }

    [Fact]
    public async Task Results_must_share_the_connections_of_the_broker()
    {
        var options = Options();
        int alone;
        await using (var plain = await RedisHost.StartAsync(options, static d => d.AddActor("square", static (long n) => n * n)))
        {
            await plain.Queue.EnqueueAsync(new ActorCall("square", 1));
            await Eventually.AssertAsync(async () => Assert.Equal(1, await ConnectionsAsync("dramatiq.akka.wake")));
            alone = await SettledConnectionsAsync();
        }

        await using var host = await RedisHost.StartAsync(options, static d => d.AddActor("square", static (long n) => n * n, static a => a.StoreResults()), static akka => akka.WithRedisResults());
        Assert.Equal(49, await (await host.Queue.EnqueueAsync(new ActorCall("square", 7))).GetResultAsync<long>(Patience));
        var enqueued = await host.Queue.EnqueueManyAsync(Enumerable.Range(0, 500).Select(static n => new ActorCall("square", n)));
        var squares = await Task.WhenAll(enqueued.Select(static one => one.GetResultAsync<long>(Patience)));
        Assert.Equal(Enumerable.Range(0, 500).Select(static n => (long)n * n), squares);
        await Eventually.AssertAsync(async () => Assert.Equal((1, alone), (await ConnectionsAsync("dramatiq.akka.wake"), await ConnectionsAsync("dramatiq.akka"))));
    }

    [Fact]
    public async Task Results_must_come_through_cuts_and_a_restart_of_the_server()
    {
        if (!server.IsPrivate) return;   // one that was given must not be restarted
        await using var host = await RedisHost.StartAsync(
            Options(),
            static d =>
            {
                d.Options.Queues.Workers = 4;
                d.AddActor("square", static async (long n) =>
                {
                    await Task.Delay(10);
                    return n * n;
                }, static a => a.StoreResults());
            },
            static akka => akka.WithRedisResults());
        var enqueued = await host.Queue.EnqueueManyAsync(Enumerable.Range(0, 400).Select(static n => new ActorCall("square", n)));
        var waits = enqueued.Select(static one => one.GetResultAsync<long>(Patience)).ToArray();
        await Eventually.AssertAsync(() => Assert.Contains(waits, static wait => wait.IsCompleted));
        await server.CutConnectionsAsync();
        await Eventually.AssertAsync(() => Assert.True(waits.Count(static wait => wait.IsCompleted) > 100));
        await server.RestartAsync(static () => Task.Delay(300));
        Assert.Equal(Enumerable.Range(0, 400).Select(static n => (long)n * n), await Task.WhenAll(waits));
    }

    [Fact]
    public async Task Results_must_be_able_to_live_in_another_database_than_the_queues()
    {
        await using var host = await RedisHost.StartAsync(
            Options(),
            static d => d.AddActor("square", static (long n) => n * n, static a => a.StoreResults()),
            akka => akka.WithRedisResults(o =>
            {
                o.Url = server.Url[..^1] + "5";
                o.ReadableKeys = true;
                o.Namespace = "elsewhere";
            }));
        var enqueued = await host.Queue.EnqueueAsync(new ActorCall("square", 7));
        Assert.Equal(49, await enqueued.GetResultAsync<long>(Patience));
        Assert.Equal("49", (string?)await server.Database.Multiplexer.GetDatabase(5).ListGetByIndexAsync($"elsewhere:default:square:{enqueued.MessageId}", 0));
    }
}
