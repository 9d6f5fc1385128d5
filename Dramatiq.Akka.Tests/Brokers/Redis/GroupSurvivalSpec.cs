using Akka.Hosting;
using Dramatiq.Akka.Brokers.Redis;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Brokers.Redis;

/// <summary>A member's process is killed, in the worst moments, and another takes over.</summary>
public sealed class GroupSurvivalSpec(RedisServer server) : RedisFixture(server), IClassFixture<RedisServer>
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(3);
    private readonly Feed<(string What, string Publication)> _called = new();

    /// <summary>What was called, once for each publication: one that a machine too slow for the heartbeat has delivered twice runs twice, and has the same mark.</summary>
    private IEnumerable<string> Called => _called.All.Distinct().Select(static one => one.What).Order();

    [Fact]
    public async Task Callback_must_come_once_when_a_member_is_killed_and_redelivered()
    {
        await using var doomed = WorkerProcess.Start(Server.Url, Namespace, Heartbeat);
        Assert.Equal("ready", await doomed.ReadLineAsync());
        await using var host = await StartAsync(static d => d.AddRemoteActor("note", "q").AddRemoteActor("hang", "q"));
        await host.Queue.RunAsync(Group.Of(new ActorCall("note", 1), new ActorCall("hang")).AddCompletionCallback(new ActorCall("called", "done")).AddEndCallback(new ActorCall("called", "ended")));
        while (await doomed.ReadLineAsync() is var line && line is not "hang")
            Assert.NotNull(line);   // it has ended

        doomed.Kill();
        await using var heir = await StartAsync(Heir);
        await _called.AtLeastAsync(2);
        await EmptyAsync();
        Assert.Equal(["done", "ended"], Called);
    }

    [Fact]
    public async Task Callback_must_come_once_when_the_last_member_is_killed_after_publishing_it()
    {
        await using var doomed = WorkerProcess.Start(Server.Url, Namespace, Heartbeat, stopsBeforeMark: true);
        Assert.Equal("ready", await doomed.ReadLineAsync());
        await using var host = await StartAsync(static d => d.AddRemoteActor("note", "q").AddRemoteActor("hang", "q"));
        await host.Queue.RunAsync(Group.Of(new ActorCall("note", 1), new ActorCall("note", 2)).AddCompletionCallback(new ActorCall("called", "done")));
        while (await doomed.ReadLineAsync() is var line && line is not "published")
            Assert.NotNull(line);

        await _called.AtLeastAsync(1);
        doomed.Kill();
        await using var heir = await StartAsync(Heir);
        const string twice = "the callback of a group was published twice";
        await await Task.WhenAny(host.Log.FirstAsync(twice), heir.Log.FirstAsync(twice));   // whichever of the two is handed it
        await EmptyAsync();
        Assert.Equal(["done"], Called);
    }

    [Fact]
    public async Task Results_of_a_group_must_go_on_through_a_store_that_is_cut()
    {
        await using var host = await StartAsync(d =>
        {
            Heir(d);
            d.AddActor("twice", static async (int n) =>
            {
                await Task.Delay(20);
                return 2 * n;
            }, static o => o.Queue("q"));
            d.AddActor("sum", static (List<int> numbers) => numbers.Sum(), static o => o.Queue("q").StoreResults());
        });
        var running = host.Queue.RunAsync(Group.Of(Enumerable.Range(1, 200).Select(static n => new ActorCall("twice", n))) | new ActorCall("sum"));
        await Server.CutConnectionsAsync();
        var run = await running;
        await Server.CutConnectionsAsync();

        Assert.Equal(40_200, await run.GetResultAsync<int>(TimeSpan.FromSeconds(60)));
    }

    private static void Heir(DramatiqBuilder d)
    {
        d.AddActor("note", static (int _) => { }, static o => o.Queue("q"));
        d.AddActor("hang", static () => { }, static o => o.Queue("q"));
    }

    private Task<RedisHost> StartAsync(Action<DramatiqBuilder> configure) => RedisHost.StartAsync(
        Options(static o => o.HeartbeatTimeout = Heartbeat),
        d =>
        {
            d.Options.Queues.Workers = 4;
            d.AddActor("called", (string what, MessageContext context) =>
                _called.Add((what, context.Message.Options.TryGetString(OptionNames.GroupFiring, out var mark) ? mark : Message.NewId())), static o => o.Queue("callbacks"));
            configure(d);
        },
        akka => akka.WithRedisResults(Server.Url).WithRedisRateLimits(Server.Url));

    private Task EmptyAsync() => EventuallyAsync(
        async () => await Database.HashLengthAsync(Key("q.msgs")) == 0 && await Database.HashLengthAsync(Key("callbacks.msgs")) == 0, "all are acked");
}
