using Dramatiq.Akka.Brokers.Redis;
using Microsoft.Extensions.Logging;

namespace Dramatiq.Akka.Tests.Brokers.Redis;

/// <summary>On a server of its own, whose policy it changes.</summary>
public sealed class EvictionSpec(RedisServer server) : RedisFixture(server), IClassFixture<RedisServer>
{
    private const string Begin = "Redis may drop queues and messages when its memory is full";

    [Fact]
    public async Task A_policy_that_drops_keys_must_be_warned_of_once()
    {
        await SetAsync("256mb", "allkeys-lru");
        await using var host = await StartAsync();
        await EventuallyAsync(() => Task.FromResult(Warnings(host).Length > 0), "the warning is there");
        await host.Queue.EnqueueAsync(new ActorCall("note", 1));
        var warning = Assert.Single(Warnings(host));
        Assert.EndsWith("its maxmemory-policy is allkeys-lru. Set it to noeviction.", warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("256mb", "allkeys-lru", "allkeys-lru")]
    [InlineData("256mb", "volatile-ttl", "volatile-ttl")]
    [InlineData("256mb", "noeviction", null)]
    [InlineData("0", "allkeys-lru", null)]
    public async Task Only_a_server_with_a_limit_and_a_policy_must_count_as_one_that_drops_keys(string memory, string policy, string? dangerous)
    {
        await SetAsync(memory, policy);
        Assert.Equal(dangerous, EvictionWarning.DangerousPolicy((string)(await Database.ExecuteAsync("INFO", "memory"))!));
    }

    private async Task SetAsync(string memory, string policy)
    {
        if (!Server.IsPrivate) throw new NoRedisException("This changes settings of the server, so it needs one of its own.");
        await Database.ExecuteAsync("CONFIG", "SET", "maxmemory", memory);
        await Database.ExecuteAsync("CONFIG", "SET", "maxmemory-policy", policy);
    }

    private Task<RedisHost> StartAsync() => RedisHost.StartAsync(Options(), static d => d.AddActor("note", static (int n) => { }, static o => o.Queue("q")));

    private static string[] Warnings(RedisHost host) => [.. host.Log.Of(LogLevel.Warning).Where(static line => line.Contains(Begin, StringComparison.Ordinal))];
}
