using Dramatiq.Akka.Brokers.Redis;
using Dramatiq.Akka.RateLimits;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Brokers.Redis.RateLimits;

[Collection(RedisServerCollection.Name)]
public sealed class SurvivalSpec(RedisServer server) : RedisFixture(server)
{
    [Fact]
    public async Task The_slot_of_a_killed_worker_must_be_the_next_ones_when_its_lease_lapses_and_not_before()
    {
        var heartbeat = TimeSpan.FromSeconds(3);
        var key = WorkerProcess.AloneOf(Namespace).Key;
        await using var worker = WorkerProcess.Start(Server.Url, Namespace, heartbeat);
        Assert.Equal("ready", await worker.ReadLineAsync());
        var began = new Feed<(int N, long At)>();
        await using var producer = await RedisHost.StartAsync(Options(), static d => d.AddRemoteActor("alone", "q"));
        await producer.Queue.EnqueueAsync(new ActorCall("alone", 1));
        Assert.Equal("alone 1", await worker.ReadLineAsync());
        await using var next = await RedisHost.StartAsync(Options(o => o.HeartbeatTimeout = heartbeat), d =>
        {
            d.Options.RateLimitLease = WorkerProcess.LimitLease;
            d.AddActor("alone", async (int n) => began.Add((n, await NowMsAsync())), o => o.Queue("q").RateLimit(WorkerProcess.AloneOf(Namespace)));
        });
        await producer.Queue.EnqueueAsync(new ActorCall("alone", 2));
        await Task.Delay(WorkerProcess.LimitLease / 2);   // so that the lease has been renewed
        worker.Kill();
        await worker.WaitForExitAsync();
        var lapses = (long)(await Database.SortedSetRangeByRankWithScoresAsync(key + "@leases")).Single().Score;
        Assert.Empty(began.All);
        // A worker that the machine keeps from its heartbeat is taken for dead: then a message runs twice, which it may.
        await Eventually.AssertAsync(() => Assert.Equal([1, 2], began.All.Select(static one => one.N).Distinct().Order()));
        Assert.All(began.All, one => Assert.True(one.At >= lapses, $"{one} began before {lapses}, when the slot was free."));
        await EventuallyAsync(async () => await Database.StringGetAsync(key) == 0, "all slots are free again");
    }

    [Fact]
    public async Task Slots_must_survive_cuts_and_a_restart_of_redis()
    {
        if (!Server.IsPrivate)
            return;

        var key = Namespace + ":cut";
        await using var backend = NewBackend(out var system);
        await using var rival = NewBackend(out var rivals);
        var limiter = new RateLimiters(system, backend, TimeSpan.FromMinutes(2), TimeProvider.System).Concurrent(key);
        var other = new RateLimiters(rivals, rival, TimeSpan.FromMinutes(2), TimeProvider.System).Concurrent(key);
        using var stop = new CancellationTokenSource();
        await using (var slot = await limiter.AcquireAsync())
        {
            var stolen = Task.Run(async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    try
                    {
                        if (await other.TryAcquireAsync(CancellationToken.None) is not null)
                            return true;
                    }
                    catch (Dramatiq.Akka.Brokers.BrokerConnectionException)
                    {
                        // The server is away, or comes back.
                    }

                    await Task.Delay(5, CancellationToken.None);
                }

                return false;
            }, CancellationToken.None);
            for (var cut = 0; cut < 5; cut++)
            {
                await Server.CutConnectionsAsync();
                await Task.Delay(50);
            }

            await Server.RestartAsync();
            await EventuallyAsync(async () => await backend.RenewOnceAsync(key) && await rival.RenewOnceAsync(key), "both are answered after the restart");
            Assert.False(slot.Lost.IsCancellationRequested);
            await stop.CancelAsync();
            Assert.False(await stolen);
        }

        Assert.NotNull(await other.TryAcquireAsync());
        await system.Terminate();
        await rivals.Terminate();
    }

    [Fact]
    public async Task Sixteen_processes_must_never_run_more_than_the_limit_at_once()
    {
        const int limit = 2, each = 25;
        var key = Namespace + ":contended";
        var (inside, most, done) = (0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            await using var backend = NewBackend(out var system);
            var limiter = new RateLimiters(system, backend, TimeSpan.FromSeconds(30), TimeProvider.System).Concurrent(key, limit);
            for (var round = 0; round < each;)
            {
                await using var slot = await limiter.TryAcquireAsync();
                if (slot is null)
                {
                    await Task.Delay(1);
                    continue;
                }

                var now = Interlocked.Increment(ref inside);
                for (var seen = Volatile.Read(ref most); now > seen && Interlocked.CompareExchange(ref most, now, seen) != seen; seen = Volatile.Read(ref most))
                {
                }

                await Task.Yield();
                Interlocked.Decrement(ref inside);
                Interlocked.Increment(ref done);
                round++;
            }

            await system.Terminate();
        }));
        Assert.InRange(most, 1, limit);
        Assert.Equal((16 * each, 0), (done, inside));
        Assert.Equal(0, await Database.StringGetAsync(key));
        Assert.False(await Database.KeyExistsAsync(key + "@leases"));
    }

    [Fact]
    public async Task Waiting_messages_of_another_process_must_be_woken_by_a_release()
    {
        var began = new Feed<int>();
        await using var outside = NewBackend(out var system);
        var slot = await new RateLimiters(system, outside, TimeSpan.FromMinutes(5), TimeProvider.System).Concurrent(Namespace + ":woken").AcquireAsync();
        await using var host = await RedisHost.StartAsync(Options(), d =>
        {
            d.Options.RateLimitAskAgain = TimeSpan.FromMinutes(10);   // so that nothing but the release can tell
            d.AddActor("one", began.Add, o => o.Queue("q").RateLimit(RateLimit.Concurrent(Namespace + ":woken")));
        });
        await host.Queue.EnqueueAsync(new ActorCall("one", 1));
        await host.Queue.EnqueueAsync(new ActorCall("one", 2));
        IActorRef gate = ActorRefs.Nobody;
        await Eventually.AssertAsync(async () => gate = await host.System.ActorSelection("/user/dramatiq/q/limits").ResolveOne(TimeSpan.FromSeconds(20)));
        await Eventually.AssertAsync(async () => Assert.Equal(2, (await gate.Ask<RateLimitGate.Snapshot>(RateLimitGate.GetSnapshot.Instance)).Parked));
        await Task.Delay(200);
        Assert.Empty(began.All);
        await slot.DisposeAsync();
        Assert.Equal([1, 2], await began.AtLeastAsync(2));
        await system.Terminate();
    }

    private RedisRateLimiterBackend NewBackend(out ActorSystem system)
    {
        system = ActorSystem.Create("limits", "akka.loglevel = OFF");
        return new RedisRateLimiterBackend(system, new RedisOptions { Url = Server.Url, CommandTimeout = CommandTimeout });
    }
}

internal static class Renewing
{
    /// <summary>Whether the server answers about the leases.</summary>
    public static async Task<bool> RenewOnceAsync(this RedisRateLimiterBackend backend, string key)
    {
        try
        {
            await backend.RenewSlotsAsync([(key, "nobody")], TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(15), default);
            return true;
        }
        catch (Dramatiq.Akka.Brokers.BrokerConnectionException)
        {
            return false;
        }
    }
}
