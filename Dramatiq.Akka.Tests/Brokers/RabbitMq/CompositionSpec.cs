using Akka.Hosting;
using Dramatiq.Akka.Tests.Brokers.Redis;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Brokers.RabbitMq;

/// <summary>Messages on RabbitMQ, results and counters on Redis.</summary>
[Collection(RabbitMqCollection.Name)]
public sealed class CompositionSpec(SharedRabbitMq shared, RedisServer redis) : IClassFixture<RedisServer>, IAsyncLifetime
{
    private readonly string _queue = "composed_" + Guid.NewGuid().ToString("N");

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => shared.Server.DeleteQueuesAsync(_queue);

    [Fact]
    public async Task Group_in_a_pipeline_must_run_to_its_end()
    {
        var done = new Feed<string>();
        await using var host = await RabbitMqHost.StartAsync(
            shared.Server.Url,
            d => d
                .AddActor("split", static (string text) => text.Split(' '), a => a.Queue(_queue))
                .AddActor("length", static (int place, string[] words) => words[place].Length, a => a.Queue(_queue))
                .AddActor("sum", static (List<int> lengths) => lengths.Sum(), a => a.Queue(_queue))
                .AddActor("done", (string what) => done.Add(what), a => a.Queue(_queue)),
            more: akka => akka.WithRedisResults(redis.Url).WithRedisRateLimits(redis.Url));
        var lengths = Group.Of(new ActorCall("length", 0), new Enqueue(new ActorCall("length", 1)) { Delay = TimeSpan.FromMilliseconds(300) }, new ActorCall("length", 2))
            .AddCompletionCallback(new ActorCall("done", "lengths")).AddEndCallback(new ActorCall("done", "ends"));
        var run = await host.Queue.RunAsync((new ActorCall("split", "one three fifteen") | lengths | new ActorCall("sum")).StoreResults());

        Assert.Equal(15, await run.GetResultAsync<int>(TimeSpan.FromSeconds(60)));
        Assert.Equal("one three fifteen", string.Join(" ", await run.GetStepResultAsync<string[]>(0)));
        Assert.Equal("3 5 7", string.Join(" ", await run.GetStepResultAsync<int[]>(1)));
        Assert.Equal(3, await run.CompletedCountAsync());
        Assert.Equal(["ends", "lengths"], (await done.AtLeastAsync(2)).Order());
    }
}
