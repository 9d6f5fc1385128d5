using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.Inspection;

public sealed class QueuesSpec
{
    [Fact]
    public async Task Queue_must_tell_what_it_holds_and_what_went_through()
    {
        await using var host = await InspectionHost.StartAsync(prefetch: 2);
        await host.BuryAsync("no luck");
        await host.EnqueueManyAsync("wait", 5);
        await host.EnqueueAsync("wait", "later", TimeSpan.FromHours(1));
        await Eventually.AssertAsync(async () =>
        {
            var queue = await host.AskAsync(new GetQueue("default"));
            Assert.Equal((3, 1, 2, 1), (queue.Ready, queue.Delayed, queue.InFlight, queue.Dead));
            Assert.Equal((7, 3, 0, 1, 1), (queue.Traffic.Enqueued, queue.Traffic.Taken, queue.Traffic.Done, queue.Traffic.Failed, queue.Traffic.Dead));
            Assert.Equal((ConsumerState.Consuming, 2, 2, 0), (queue.Consumer!.State, queue.Consumer.Prefetch, queue.Consumer.InFlight, queue.Consumer.Credit));
            Assert.Equal(("default.DQ", 1), (queue.DelayConsumer!.Queue, queue.DelayConsumer.InFlight));
            Assert.Equal((1, 1, 1, 0), (queue.Workers!.Workers, queue.Workers.Busy, queue.Workers.Waiting, queue.Workers.Abandoned));
        });

        var told = await host.AskAsync(new GetQueue("default"));
        Assert.InRange(told.OldestReadyAgeMs!.Value, 0, 60_000);
        Assert.Equal((false, false, null), (told.IsPausedHere, told.IsPausedEverywhere, told.Problem));
        Assert.True(told.Traffic.EnqueuedPerSecond > 0);

        host.Gate.Release(5);
        await Eventually.AssertAsync(async () => Assert.Equal(5, (await host.AskAsync(new GetQueue("default"))).Traffic.Done));
        Assert.Equal(["default", "sums"], (await host.AskAsync(new GetQueues())).Queues.Select(static queue => queue.Queue));
    }

    [Fact]
    public async Task Rates_and_history_must_follow_the_clock()
    {
        var clock = new FakeTimeProvider();
        await using var host = await InspectionHost.StartAsync(d => d.TimeProvider = clock);
        async Task SampleAsync(int points)
        {
            clock.Advance(TimeSpan.FromSeconds(10));
            await Eventually.AssertAsync(async () => Assert.Equal(points, (await host.AskAsync(new GetHistory("sums"))).Points.Count));
        }

        await host.AskAsync(new GetNode());   // whose answer comes from an inspection that has set its timer
        await SampleAsync(1);
        for (var i = 0; i < 20; i++)
            await host.Host.Queue.EnqueueAsync(new ActorCall("add", i, i));
        await host.Host.JoinAsync("sums");
        await Eventually.AssertAsync(async () => Assert.Equal(20, (await host.AskAsync(new GetQueue("sums"))).Traffic.Done));
        await SampleAsync(2);
        var history = await host.AskAsync(new GetHistory("sums"));
        Assert.Equal([(0, 0), (20, 20)], history.Points.Select(static point => (point.Enqueued, point.Done)));
        Assert.Equal(10_000, history.IntervalMs);
        Assert.Equal(20, (await host.AskAsync(new GetHistory())).Points[^1].Done);
        Assert.Equal(1, (await host.AskAsync(new GetQueue("sums"))).Traffic.DonePerSecond);
        for (var minute = 0; minute < 7; minute++)
            await SampleAsync(3 + minute);
        Assert.Equal(0, (await host.AskAsync(new GetQueue("sums"))).Traffic.DonePerSecond);
    }

    [Fact]
    public async Task Worker_must_be_told_with_what_it_runs_and_since_when()
    {
        var clock = new FakeTimeProvider();
        await using var host = await InspectionHost.StartAsync(d => d.TimeProvider = clock, workers: 2);
        var first = await host.EnqueueAsync("wait", "a");
        await Eventually.AssertAsync(async () => Assert.Single((await host.AskAsync(new GetWorkers("default"))).Pools[0].Running));
        var since = clock.GetUtcNow();
        clock.Advance(TimeSpan.FromSeconds(7));
        await host.EnqueueAsync("wait", "b");
        await Eventually.AssertAsync(async () => Assert.Equal(2, (await host.AskAsync(new GetWorkers())).Pools[0].Busy));
        var pools = (await host.AskAsync(new GetWorkers())).Pools;
        Assert.Equal(["default", "sums"], pools.Select(static pool => pool.Queue));
        var longest = pools[0].Running[0];
        Assert.Equal((first.MessageId, "wait", 1, since, 7_000, false), (longest.MessageId, longest.ActorName, longest.Attempt, longest.Since, longest.RunningMs, longest.IsAbandoned));
        Assert.Empty(pools[1].Running);
    }

    [Fact]
    public async Task Abandoned_handler_must_be_told_with_its_message()
    {
        var clock = new FakeTimeProvider();
        var gate = new TaskCompletionSource();
        await using var host = await InspectionHost.StartAsync(d =>
        {
            d.TimeProvider = clock;
            d.AddActor("hang", () => gate.Task, a => a.Queue("hangs").TimeLimit(TimeSpan.FromSeconds(1)).MaxRetries(0));
        });
        var hung = await host.Host.Queue.EnqueueAsync(new ActorCall("hang"));
        await Eventually.AssertAsync(async () =>
        {
            clock.Advance(TimeSpan.FromSeconds(3));
            var pool = Assert.Single((await host.AskAsync(new GetWorkers("hangs"))).Pools);
            Assert.Equal((1, 0, 1), (pool.Workers, pool.Busy, pool.Abandoned));
            var running = Assert.Single(pool.Running);
            Assert.Equal((hung.MessageId, true), (running.MessageId, running.IsAbandoned));
        });
        gate.SetResult();
    }

    [Fact]
    public async Task Unknown_queue_must_be_told_from_one_that_is_not_consumed_here()
    {
        await using var host = await InspectionHost.StartAsync(static d => d.AddRemoteActor("there", "elsewhere"));
        var unknown = await host.RefusedAsync(new GetQueue("nowhere"), InspectionFailure.UnknownQueue);
        Assert.Equal("Queue 'nowhere' was never declared (known: default, elsewhere, sums). Declare an actor or a task on it, or correct the name.", unknown.Message);
        await host.RefusedAsync(new PauseQueue("nowhere"), InspectionFailure.UnknownQueue);
        await host.RefusedAsync(new PauseQueue("elsewhere"), InspectionFailure.NotConsumedHere);
        await host.RefusedAsync(new ScaleWorkers("elsewhere", 2), InspectionFailure.NotConsumedHere);
        await host.RefusedAsync(new ScaleWorkers("default", 0), InspectionFailure.Invalid);
        await host.RefusedAsync(new GetWorkers("elsewhere"), InspectionFailure.NotConsumedHere);
        Assert.Null((await host.AskAsync(new GetQueue("elsewhere"))).Consumer);
    }

    [Fact]
    public async Task Queue_that_the_broker_has_not_yet_must_be_told_from_a_broker_that_is_away()
    {
        await using var host = await InspectionHost.StartAsync(static d => d.AddRemoteActor("there", "elsewhere"));
        Assert.Equal((true, "The queue is not declared at the broker yet."), await host.AskAsync(new GetQueue("elsewhere")) is var there ? (there.IsUndeclared, there.Problem) : default);
        Assert.False((await host.AskAsync(new GetQueue("default"))).IsUndeclared);
    }

    [Fact]
    public async Task Pool_or_consumer_that_hangs_must_be_told_of()
    {
        await using var host = await InspectionHost.StartAsync();
        await host.Host.ActorAsync("sums/workers");
        await NoneIsSilentAsync();
        var (workers, consumer) = ((IInternalActorRef)await host.Host.ActorAsync("default/workers"), (IInternalActorRef)await host.Host.ActorAsync("sums"));
        workers.Suspend();
        consumer.Suspend();
        Assert.Equal(["default", "sums"], (await host.AskAsync(new GetWorkers())).Silent);
        workers.Resume();
        consumer.Resume();
        await NoneIsSilentAsync();

        // An answer that a slow machine keeps waiting is missing too.
        Task NoneIsSilentAsync() => Eventually.AssertAsync(async () => Assert.Empty((await host.AskAsync(new GetWorkers())).Silent));
    }

    [Fact]
    public async Task Own_pause_must_hold_and_be_told_though_the_broker_is_away()
    {
        var broker = new FlakyBroker();
        await using var host = await InspectionHost.StartAsync(d => d.UseBroker(_ => broker));
        broker.Pauses = new Dramatiq.Akka.Brokers.BrokerConnectionException("it is away");
        Assert.Equal(new QueuePauses("default", true, false), await host.AskAsync(new PauseQueue("default")));
        Assert.Equal(new QueuePauses("default", false, false), await host.AskAsync(new ResumeQueue("default")));
        await host.RefusedAsync(new PauseQueue("default", Everywhere: true), InspectionFailure.BrokerAway);
    }

    [Fact]
    public async Task Orders_must_be_carried_out_when_they_are_answered()
    {
        await using var host = await InspectionHost.StartAsync();
        Assert.Equal(new WorkersScaled("default", 5), await host.AskAsync(new ScaleWorkers("default", 5)));
        Assert.Equal(5, (await ToldAsync()).Workers!.Workers);
        Assert.Equal(new QueuePauses("default", true, false), await host.AskAsync(new PauseQueue("default")));
        Assert.Equal(ConsumerState.Paused, (await ToldAsync()).Consumer!.State);
        Assert.Equal(new QueuePauses("default", false, false), await host.AskAsync(new ResumeQueue("default")));
        await host.EnqueueAsync("wait", "x");
        host.Gate.Release();
        await host.Host.JoinAsync();

        // Asked again only where nothing was told: what is told first must be so.
        async Task<QueueReport> ToldAsync()
        {
            QueueReport? told = null;
            await Eventually.AssertAsync(async () => Assert.True((told = await host.AskAsync(new GetQueue("default"))) is { Consumer: not null, Workers: not null }));
            return told!;
        }
    }
}
