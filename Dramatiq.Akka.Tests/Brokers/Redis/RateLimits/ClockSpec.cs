using Dramatiq.Akka.Brokers.Redis;
using Dramatiq.Akka.RateLimits;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Brokers.Redis.RateLimits;

/// <summary>Declared limits in a process whose clock is not that of Redis.</summary>
[Collection(RedisServerCollection.Name)]
public sealed class ClockSpec(RedisServer server) : RedisFixture(server)
{
    [Theory]
    [InlineData(-5)]
    [InlineData(5)]
    public async Task Messages_that_are_given_back_must_not_come_again_and_again(int seconds)
    {
        const int messages = 30, parked = 4;
        var seen = new Feed<int>();
        var system = ActorSystem.Create("outside", "akka.loglevel = OFF");
        await using var outside = new RedisRateLimiterBackend(system, new RedisOptions { Url = Server.Url, CommandTimeout = CommandTimeout });
        var held = await new RateLimiters(system, outside, TimeSpan.FromMinutes(5), TimeProvider.System).Concurrent(Namespace + ":held").AcquireAsync();
        await using var host = await RedisHost.StartAsync(Options(), d =>
        {
            d.TimeProvider = new ShiftedTime(TimeSpan.FromSeconds(seconds));
            d.Options.RateLimitParked = parked;
            d.Options.RateLimitGiveBackMax = TimeSpan.FromSeconds(10);   // they stay away the longer, the longer they wait for the release
            d.AddActor("alone", seen.Add, o => o.Queue("q").RateLimit(RateLimit.Concurrent(Namespace + ":held")));
        });
        await host.Queue.EnqueueManyAsync(Enumerable.Range(0, messages).Select(static n => (object)new ActorCall("alone", n)));
        IActorRef gate = ActorRefs.Nobody;
        await Eventually.AssertAsync(async () => gate = await host.System.ActorSelection("/user/dramatiq/q/limits").ResolveOne(TimeSpan.FromSeconds(20)));
        Task<RateLimitGate.Snapshot> SnapshotAsync() => gate.Ask<RateLimitGate.Snapshot>(RateLimitGate.GetSnapshot.Instance, TimeSpan.FromSeconds(30));
        await Eventually.AssertAsync(async () => Assert.True((await SnapshotAsync()).GivenBack >= messages - parked));
        await Task.Delay(TimeSpan.FromSeconds(4));
        // Some trips that are too short, each a second longer than the one before, until they are as long as the clock of Redis is ahead; without that they would be hundreds.
        Assert.InRange((await SnapshotAsync()).GivenBack, messages - parked, 12 * messages);
        await held.DisposeAsync();
        await Eventually.AssertAsync(() => Assert.Equal(Enumerable.Range(0, messages), seen.All.Order()));
        await system.Terminate();
    }
}
