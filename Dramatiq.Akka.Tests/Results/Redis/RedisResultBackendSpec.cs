using Dramatiq.Akka.Brokers.Redis;
using Dramatiq.Akka.Results;
using Dramatiq.Akka.Tests.Brokers.Redis;
using Dramatiq.Akka.Tests.Contracts;

namespace Dramatiq.Akka.Tests.Results.Redis;

[Collection(RedisServerCollection.Name)]
public sealed class RedisResultBackendSpec(RedisServer server) : ResultBackendSpec
{
    protected override Task<IResultBackend> CreateBackendAsync() => Task.FromResult<IResultBackend>(new RedisResultBackend(new RedisResultOptions { Url = server.Url }));

    protected override Task PassAsync(TimeSpan time) => Task.Delay(time);

    protected override Task IsWatchedAsync() => Task.Delay(5);
}
