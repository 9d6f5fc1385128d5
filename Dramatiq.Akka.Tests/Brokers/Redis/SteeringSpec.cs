using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Brokers.Redis;

/// <summary>Inspection of whole processes on Redis.</summary>
[Collection(RedisServerCollection.Name)]
public sealed class SteeringSpec(RedisServer server) : RedisFixture(server)
{
    private Task<RedisHost> StartAsync(Action<DramatiqBuilder>? configure = null) => RedisHost.StartAsync(Options(), d =>
    {
        d.Options.Queues.Workers = 1;
        d.Options.LifeStore = LifeStoreKind.Broker;
        d.AddActor("add", (int x, int y) => x + y);
        configure?.Invoke(d);
    });

    /// <summary>What is told first. Asked again only where nothing was, as by a consumer or a server that a slow machine keeps waiting.</summary>
    private static async Task<QueueReport> ToldAsync(RedisHost host)
    {
        QueueReport? told = null;
        await Eventually.AssertAsync(async () => Assert.True((told = await host.Inspection.AskAsync(new GetQueue("default"))) is { Consumer: not null, Ready: not null }));
        return told!;
    }

    private static async Task<ConsumerState> StateAsync(RedisHost host) => (await ToldAsync(host)).Consumer!.State;

    [Fact]
    public async Task Pause_must_reach_other_processes_and_outlive_them_all()
    {
        await using (var one = await StartAsync())
        await using (var two = await StartAsync())
        {
            Assert.Equal(new QueuePauses("default", false, true), await one.Inspection.AskAsync(new PauseQueue("default", Everywhere: true)));
            Assert.Equal(ConsumerState.Paused, await StateAsync(one));
            await Eventually.AssertAsync(async () => Assert.Equal(ConsumerState.Paused, await StateAsync(two)));
        }

        await using var three = await StartAsync();
        await using var four = await StartAsync();
        var sum = await three.Queue.EnqueueAsync(new ActorCall("add", 1, 2));
        Assert.Equal((ConsumerState.Paused, 1), await ToldAsync(three) is var queue ? (queue.Consumer!.State, queue.Ready) : default);
        Assert.Equal(MessagePlace.Ready, (await four.Inspection.AskAsync(new GetMessage(sum.MessageId))).Message!.Place);
        await four.Inspection.AskAsync(new ResumeQueue("default", Everywhere: true));
        await Eventually.AssertAsync(async () => Assert.Equal(LifeState.Done, (await four.Inspection.AskAsync(new GetLife(sum.MessageId))).Life?.State));
    }

    [Fact]
    public async Task Process_that_only_sends_must_see_its_queues_before_it_has_sent()
    {
        await using var worker = await StartAsync();
        await worker.Inspection.AskAsync(new PauseQueue("default"));
        await worker.Queue.EnqueueAsync(new ActorCall("add", 1, 2));
        await using var sender = await RedisHost.StartAsync(Options(), static d => d.AddRemoteActor("add", "default"));
        Assert.Equal((1, null, false), await sender.Inspection.AskAsync(new GetQueue("default")) is var queue ? (queue.Ready, queue.Problem, queue.IsUndeclared) : default);
        Assert.Single((await sender.Inspection.AskAsync(new GetMessages("default", MessagePlace.Ready))).Messages);
        Assert.Equal(1, (await sender.Inspection.AskAsync(new DeleteMessages("default", MessagePlace.Ready) { Filter = new MessageFilter { ActorName = "add" } })).Count);
    }

    [Fact]
    public async Task Delayed_message_must_run_now_or_be_dropped_by_any_process()
    {
        await using var host = await StartAsync();
        var ids = new List<string>();
        foreach (var hours in Enumerable.Range(1, 3))
            ids.Add((await host.Queue.EnqueueAsync(new ActorCall("add", hours, hours), TimeSpan.FromHours(hours))).MessageId);
        Assert.Equal(new MessagesAnswer(1, true), await host.Inspection.AskAsync(new RunNow("default") { Ids = [ids[1]] }));
        await Eventually.AssertAsync(async () => Assert.Equal(LifeState.Done, (await host.Inspection.AskAsync(new GetLife(ids[1]))).Life?.State));
        Assert.Equal(1, (await host.Inspection.AskAsync(new DeleteMessages("default", MessagePlace.Delayed) { Filter = new MessageFilter { MessageId = ids[0] } })).Count);
        var left = Assert.Single((await host.Inspection.AskAsync(new GetMessages("default", MessagePlace.Delayed))).Messages);
        Assert.Equal(ids[2], left.MessageId);
        Assert.Equal([LifeState.Delayed, LifeState.Deleted], (await host.Inspection.AskAsync(new GetLife(ids[0]))).Life!.Steps.Select(static step => step.State));
    }

    [Fact]
    public async Task Process_must_take_nothing_until_it_knows_what_is_paused_and_say_that_the_broker_is_away()
    {
        await using var host = await RedisHost.StartAsync(new Dramatiq.Akka.Brokers.Redis.RedisOptions { Url = "redis://127.0.0.1:1/0", CommandTimeout = TimeSpan.FromMilliseconds(200) },
            static d => d.AddActor("add", static (int x, int y) => x + y));
        await host.Log.OneAsync("Nothing is taken from any queue until redis has said which ones are paused:");
        var queue = Assert.Single((await host.Inspection.AskAsync(new GetQueues())).Queues);
        Assert.Equal((null, ConsumerState.Paused, true), (queue.Ready, queue.Consumer!.State, queue.IsPausedEverywhere));
        Assert.Contains("redis://127.0.0.1:1", queue.Problem, StringComparison.Ordinal);
        var error = await Assert.ThrowsAsync<InspectionException>(() => host.Inspection.AskAsync(new GetMessages("default", MessagePlace.Ready)));
        Assert.Equal(InspectionFailure.BrokerAway, error.Failure);
        Assert.Equal("add", Assert.Single((await host.Inspection.AskAsync(new GetActors())).Actors).Name);
    }
}
