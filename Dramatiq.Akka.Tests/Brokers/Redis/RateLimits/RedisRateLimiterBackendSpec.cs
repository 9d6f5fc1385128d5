using Dramatiq.Akka.Brokers.Redis;
using Dramatiq.Akka.RateLimits;
using Dramatiq.Akka.Tests.Contracts;

namespace Dramatiq.Akka.Tests.Brokers.Redis.RateLimits;

[Collection(RedisServerCollection.Name)]
public sealed class RedisRateLimiterBackendSpec(RedisServer server) : RateLimiterBackendSpec
{
    private readonly List<(ActorSystem System, RedisRateLimiterBackend Backend)> _clients = [];

    /// <summary>Each with connections of its own, as another process has.</summary>
    protected override Task<IRateLimiterBackend> NewBackendAsync()
    {
        var system = ActorSystem.Create("limits", "akka.loglevel = WARNING");
        var backend = new RedisRateLimiterBackend(system, new RedisOptions { Url = server.Url, CommandTimeout = RedisFixture.CommandTimeout });
        lock (_clients)
            _clients.Add((system, backend));
        return Task.FromResult<IRateLimiterBackend>(backend);
    }

    public override async Task DisposeAsync()
    {
        foreach (var (system, backend) in _clients)
        {
            await backend.DisposeAsync();
            await system.Terminate();
        }
    }

    [Fact]
    public async Task Waits_that_have_ended_must_leave_nothing_behind()
    {
        var backend = (RedisRateLimiterBackend)Backend;
        var shared = NewKey();
        var patient = backend.WaitAsync(shared, Timeout.InfiniteTimeSpan, default).AsTask();
        foreach (var key in Enumerable.Range(0, 20).Select(_ => NewKey()).Append(shared))
            Assert.False(await backend.WaitAsync(key, TimeSpan.FromMilliseconds(1), default));
        await EndToEnd.Eventually.AssertAsync(() => Assert.Equal(1, backend.Watched));

        await backend.NotifyAsync(shared, TimeSpan.FromMinutes(1), default);
        Assert.True(await patient);
        await EndToEnd.Eventually.AssertAsync(() => Assert.Equal(0, backend.Watched));
    }
}
