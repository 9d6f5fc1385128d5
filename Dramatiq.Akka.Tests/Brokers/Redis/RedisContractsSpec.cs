using Akka.Hosting;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Brokers.Redis;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Tests.Brokers.Redis;

[Collection(RedisServerCollection.Name)]
public sealed class RedisInspectionSpec(RedisServer server) : Contracts.InspectionSpec
{
    protected override Task<IBroker> CreateBrokerAsync() => Task.FromResult<IBroker>(new RedisBroker(new RedisOptions { Url = server.Url, CommandTimeout = RedisFixture.CommandTimeout }));
}

[Collection(RedisServerCollection.Name)]
public sealed class RedisPausesSpec(RedisServer server) : Contracts.PausesSpec
{
    private readonly List<RedisBroker> _others = [];

    protected override Task<IBroker> CreateBrokerAsync() => Task.FromResult<IBroker>(new RedisBroker(new RedisOptions { Url = server.Url, CommandTimeout = RedisFixture.CommandTimeout }));

    protected override IKeepsPauses Other()
    {
        _others.Add(new RedisBroker(new RedisOptions { Url = server.Url, CommandTimeout = RedisFixture.CommandTimeout }));
        return _others[^1];
    }

    protected override async Task CleanUpAsync()
    {
        foreach (var other in _others)
            await other.DisposeAsync();
    }
}

[Collection(RedisServerCollection.Name)]
public sealed class RedisLifeStoreSpec : Contracts.LifeStoreSpec, IAsyncLifetime
{
    private readonly RedisBroker _broker;
    private readonly RedisServer _server;
    private readonly string _namespace = "lives-" + Guid.NewGuid().ToString("N");

    public RedisLifeStoreSpec(RedisServer server)
    {
        _server = server;
        _broker = new RedisBroker(new RedisOptions { Url = server.Url, CommandTimeout = RedisFixture.CommandTimeout, Namespace = _namespace });
        Store = _broker.CreateLifeStore(Ttl);
    }

    protected override ILifeStore Store { get; }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task Life_must_go_by_itself()
    {
        await Store.WriteAsync([new LifeStep("a", "q", "add", LifeState.Enqueued, DateTimeOffset.UnixEpoch, 1, "node")], default);
        var left = await _server.Database.KeyTimeToLiveAsync($"{_namespace}:life:a");
        Assert.InRange(left!.Value, Ttl - TimeSpan.FromMinutes(1), Ttl);
    }
}

[Collection(RedisServerCollection.Name)]
public sealed class RedisOnCallSpec(RedisServer server) : Contracts.OnCallSpec
{
    protected override void Attach(AkkaConfigurationBuilder system) => system.WithRedis(new RedisOptions { Url = server.Url, CommandTimeout = RedisFixture.CommandTimeout });
}
