using Dramatiq.Akka.Brokers.InMemory;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.Logging;

namespace Dramatiq.Akka.Tests.Hosting;

public sealed class SharedBrokerSpec
{
    [Fact]
    public async Task Broker_that_hosts_share_must_outlive_each_of_them()
    {
        var broker = new InMemoryBroker();
        var runs = 0;
        await using var stays = await TestHost.StartAsync(d => d.AddActor("count", () => Interlocked.Increment(ref runs)), broker);
        var leaves = await TestHost.StartAsync(d => d.AddActor("count", () => Interlocked.Increment(ref runs)), broker);
        await leaves.DisposeAsync();

        await stays.Queue.EnqueueAsync(new ActorCall("count"));
        await stays.JoinAsync();

        Assert.Equal(1, runs);
        Assert.DoesNotContain(stays.Log.Of(LogLevel.Warning), static line => line.Contains("not consuming", StringComparison.Ordinal));
    }
}
