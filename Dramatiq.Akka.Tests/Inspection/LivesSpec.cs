using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Inspection;

public sealed class LivesSpec
{
    private static async Task<LifeState[]> StatesAsync(InspectionHost host, string id) =>
        (await host.AskAsync(new GetLife(id))).Life is { } life ? [.. life.Steps.Select(static step => step.State)] : [];

    [Fact]
    public async Task Life_must_be_told_from_end_to_end()
    {
        var runs = 0;
        await using var host = await InspectionHost.StartAsync(d =>
        {
            d.Options.LifeStore = LifeStoreKind.Memory;
            d.AddActor("once", () =>
            {
                if (Interlocked.Increment(ref runs) == 1)
                    throw new FormatException("not yet");
            }, static a => a.MinBackoff(TimeSpan.FromMilliseconds(1)).MaxBackoff(TimeSpan.FromMilliseconds(2)));
        });
        var (dead, once) = (await host.EnqueueAsync("fail", "no luck"), await host.Host.Queue.EnqueueAsync(new ActorCall("once")));
        await host.Host.JoinAsync(failFast: false);
        await Eventually.AssertAsync(async () => Assert.Equal([LifeState.Enqueued, LifeState.Running, LifeState.Dead], await StatesAsync(host, dead.MessageId)));
        await Eventually.AssertAsync(async () => Assert.Equal(LifeState.Done, (await StatesAsync(host, once.MessageId)).LastOrDefault()));
        var life = (await host.AskAsync(new GetLife(once.MessageId))).Life!;
        Assert.Equal(("default", "once", LifeState.Done), (life.Queue, life.ActorName, life.State));
        Assert.Equal([1, 2], life.Steps.Where(static step => step.State is LifeState.Running).Select(static step => step.Attempt));
        Assert.Equal("FormatException: not yet", Assert.Single(life.Steps, static step => step.State is LifeState.Retried).Note);
        Assert.Equal((await host.AskAsync(new GetNode())).Name, life.Steps[0].Node);

        await host.AskAsync(new RequeueDead("default") { Ids = [dead.MessageId] });
        await host.Host.JoinAsync(failFast: false);
        await Eventually.AssertAsync(async () => Assert.Equal(
            [LifeState.Enqueued, LifeState.Running, LifeState.Dead, LifeState.Requeued, LifeState.Running, LifeState.Dead], await StatesAsync(host, dead.MessageId)));
        Assert.Equal(LifeState.Dead, (await host.AskAsync(new GetMessage(dead.MessageId))).Life!.State);
        await host.AskAsync(new DeleteMessages("default", MessagePlace.Dead) { Filter = new MessageFilter { ActorName = "fail" } });
        Assert.Equal(LifeState.Deleted, (await StatesAsync(host, dead.MessageId))[^1]);
    }

    [Fact]
    public async Task Lives_that_are_not_kept_must_be_refused_with_what_to_set()
    {
        await using var host = await InspectionHost.StartAsync();
        var error = await host.RefusedAsync(new GetLife("x"), InspectionFailure.NotConfigured);
        Assert.Equal("The lives of messages are not kept. Set dramatiq.inspection.lives.store to memory or broker.", error.Message);
    }

    [Fact]
    public async Task Store_that_fails_must_lose_history_and_nothing_else()
    {
        var store = new FailingStore();
        await using var host = await InspectionHost.StartAsync(d => d.UseLifeStore(_ => store));
        var message = await host.Host.Queue.EnqueueAsync(new ActorCall("add", 1, 2));
        await host.Host.JoinAsync("sums");
        await host.Host.Log.OneAsync("The lives of messages cannot be written now;");
        Assert.Null((await host.AskAsync(new GetMessage(message.MessageId))).Life);
        await host.RefusedAsync(new GetLife(message.MessageId), InspectionFailure.BrokerAway);
    }

    [Fact]
    public async Task Store_that_fails_in_its_own_way_must_fail_no_order_and_no_question()
    {
        await using var host = await InspectionHost.StartAsync(static d => d.UseLifeStore(static _ => new BrokenStore()));
        await host.BuryAsync("a", "b", "c");
        var first = (await host.AskAsync(new GetMessages("default", MessagePlace.Dead))).Messages[0].MessageId!;
        Assert.Null((await host.AskAsync(new GetMessage(first))).Life);
        Assert.Equal("The store of lives cannot tell: InvalidOperationException: no such table", (await host.RefusedAsync(new GetLife(first), InspectionFailure.Refused)).Message);
        Assert.Equal(1, (await host.AskAsync(new RequeueDead("default") { Ids = [first] })).Count);
        await host.Host.JoinAsync(failFast: false);
        Assert.Equal(3, (await host.AskAsync(new RequeueDead("default") { Filter = new MessageFilter { ActorName = "fail" } })).Count);
        await host.Host.Log.FirstAsync("lack a step, since it could not be written: no such table");
    }

    [Fact]
    public async Task Order_must_be_noted_of_what_it_met_and_of_nothing_else()
    {
        await using var host = await InspectionHost.StartAsync(static d => d.Options.LifeStore = LifeStoreKind.Memory);
        await host.BuryAsync("a", "b");
        var (one, other) = (await host.AskAsync(new GetMessages("default", MessagePlace.Dead))).Messages is [var first, var second] ? (first.MessageId!, second.MessageId!) : default;
        await host.AskAsync(new DeleteMessages("default", MessagePlace.Dead) { Ids = [one, "nobody"] });
        await host.AskAsync(new DeleteMessages("default", MessagePlace.Dead) { Ids = [one] });
        Assert.Single(await StatesAsync(host, one), static state => state is LifeState.Deleted);
        Assert.DoesNotContain(LifeState.Deleted, await StatesAsync(host, other));
        var delayed = await host.EnqueueAsync("fail", "later", TimeSpan.FromHours(1));
        await Eventually.AssertAsync(async () => Assert.Equal(1, (await host.AskAsync(new GetQueue("default"))).DelayConsumer!.InFlight));
        await host.AskAsync(new DeleteMessages("default", MessagePlace.Delayed) { Ids = [delayed.MessageId] });
        Assert.Contains(LifeState.Deleted, await StatesAsync(host, delayed.MessageId));
    }

    [Fact]
    public async Task Last_step_before_the_end_of_the_process_must_be_kept()
    {
        var store = new InMemoryLifeStore(TimeSpan.FromHours(1), TimeProvider.System);
        Enqueued message;
        await using (var host = await InspectionHost.StartAsync(d =>
        {
            d.TimeProvider = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();   // nothing is gathered for long enough
            d.UseLifeStore(_ => store);
        }))
        {
            message = await host.EnqueueAsync("wait", "x");
            host.Gate.Release();
            await Eventually.AssertAsync(async () => Assert.Equal(1, (await host.AskAsync(new GetQueue("default"))).Traffic.Done));
            Assert.Null(await store.FindAsync(message.MessageId, default));
        }

        Assert.Equal(LifeState.Done, (await store.FindAsync(message.MessageId, default))?.State);
    }

    private sealed class BrokenStore : ILifeStore
    {
        public ValueTask WriteAsync(IReadOnlyList<LifeStep> steps, CancellationToken cancellationToken) => throw new InvalidOperationException("no such table");

        public ValueTask<MessageLife?> FindAsync(string messageId, CancellationToken cancellationToken) => throw new InvalidOperationException("no such table");

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class FailingStore : ILifeStore
    {
        public ValueTask WriteAsync(IReadOnlyList<LifeStep> steps, CancellationToken cancellationToken) => throw new Dramatiq.Akka.Brokers.BrokerConnectionException("it is away");

        public ValueTask<MessageLife?> FindAsync(string messageId, CancellationToken cancellationToken) => throw new Dramatiq.Akka.Brokers.BrokerConnectionException("it is away");

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
