using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Management.Health;
using Dramatiq.Akka.Management.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.Management;

public sealed class HealthSpec
{
    private readonly FakeTimeProvider _clock = new();
    private readonly ScriptedInspection _inspection = new();

    [Fact]
    public async Task Messages_beside_free_workers_that_do_not_move_must_count_as_no_progress()
    {
        var pool = new PoolReport("default", 2, 1, 3, 0, [Running(_clock.GetUtcNow())]);
        _inspection.On<GetWorkers>(_ => new PoolList([pool]));
        var probe = Probe();

        Assert.True((await probe.LiveAsync(default)).IsGood);
        _clock.Advance(TimeSpan.FromSeconds(61));
        var stuck = await probe.LiveAsync(default);
        Assert.Equal("Queue default has 3 messages and free workers here, and nothing has moved for 61 s.", Assert.Single(stuck.Problems));

        pool = pool with { Running = [Running(_clock.GetUtcNow())] };
        Assert.True((await probe.LiveAsync(default)).IsGood);
    }

    [Fact]
    public async Task Long_handlers_on_every_worker_must_count_as_alive()
    {
        _inspection.On<GetWorkers>(_ => new PoolList([new PoolReport("default", 1, 1, 3, 0, [Running(DateTimeOffset.UnixEpoch)])]));
        var probe = Probe();

        Assert.True((await probe.LiveAsync(default)).IsGood);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.True((await probe.LiveAsync(default)).IsGood);
    }

    [Fact]
    public async Task More_abandoned_handlers_than_workers_must_count_as_not_alive()
    {
        _inspection.On<GetWorkers>(static _ => new PoolList([new PoolReport("default", 2, 0, 0, 3, [])]));

        Assert.False((await Probe().LiveAsync(default)).IsGood);
    }

    [Fact]
    public async Task Queue_whose_consumer_or_workers_do_not_answer_must_count_as_not_alive()
    {
        _inspection.On<GetWorkers>(static _ => new PoolList([]) { Silent = ["default"] });

        Assert.Equal("The consumer or the workers of queue default did not answer.", Assert.Single((await Probe().LiveAsync(default)).Problems));
    }

    [Fact]
    public async Task Process_that_has_not_sent_yet_must_be_ready()
    {
        var queue = Queue(ConsumerState.Consuming) with { Consumer = null, Problem = "The queue is not declared at the broker yet.", IsUndeclared = true };
        _inspection.On<GetNode>(_ => Node(NodeState.Running)).On<GetQueues>(_ => new QueueList([queue]));

        Assert.True((await Probe().ReadyAsync(default)).IsGood);

        queue = queue with { IsUndeclared = false, Problem = "the connection was lost" };
        Assert.Equal("The broker does not answer.", Assert.Single((await Probe().ReadyAsync(default)).Problems));
    }

    [Fact]
    public async Task Actors_that_do_not_answer_must_count_as_not_alive()
    {
        var probe = new HealthProbe(new SilentInspection(), Settings(), _clock);

        var asked = probe.LiveAsync(default);
        _clock.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal("The actors of this process do not answer within 5 s.", Assert.Single((await asked).Problems));
    }

    [Fact]
    public async Task A_broker_that_is_away_must_make_it_not_ready_and_leave_it_alive()
    {
        _inspection.On<GetWorkers>(static _ => new PoolList([])).On<GetNode>(_ => Node(NodeState.Running)).On<GetQueues>(_ => new QueueList([Queue(ConsumerState.Connecting)]));
        var probe = Probe();

        Assert.True((await probe.LiveAsync(default)).IsGood);
        Assert.Equal("The consumer of default has no connection to the broker.", Assert.Single((await probe.ReadyAsync(default)).Problems));

        _inspection.On<GetQueues>(_ => new QueueList([Queue(ConsumerState.Consuming)]));
        Assert.True((await probe.ReadyAsync(default)).IsGood);

        _inspection.On<GetQueues>(_ => throw new InspectionException(InspectionFailure.BrokerAway, "gone"));
        Assert.False((await probe.ReadyAsync(default)).IsGood);

        _inspection.On<GetNode>(_ => Node(NodeState.Draining));
        Assert.Equal("This process drains.", Assert.Single((await probe.ReadyAsync(default)).Problems));
    }

    [Fact]
    public async Task Reasons_must_be_told_only_to_who_may_look()
    {
        _inspection.On<GetWorkers>(static _ => new PoolList([new PoolReport("secrets", 1, 0, 0, 3, [])]));
        await using var host = await ManagementHost.StartAsync(static m => m.Token = "look-look-look-look", _inspection);
        using var client = host.Browse("look-look-look-look");

        var (status, body) = await host.GetAsync("health/live");
        Assert.Equal((503, "unhealthy"), (status, (string?)body!["status"]));
        Assert.DoesNotContain("secrets", body.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("secrets", (await host.GetAsync("health/live", client)).Body!.ToJsonString(), StringComparison.Ordinal);
    }

    private HealthProbe Probe() => new(_inspection, Settings(), _clock);

    private static ManagementSettings Settings() => new(ManagementSettings.Reference);

    private static WorkerReport Running(DateTimeOffset since) => new("worker-1", false, false, "1", "add", 1, since, 0);

    private NodeReport Node(NodeState state) => new("app", "1", state, _clock.GetUtcNow(), new BrokerReport("redis", true, true, true), new GatewayReport(0, 0, 0, 0), false);

    private static QueueReport Queue(ConsumerState state) => new(
        "default", null, null, null, null, null, false, false, new Traffic(0, 0, 0, 0, 0, 0, 0, 0, 0), new ConsumerReport("default", state, 1, 0, 1, 0, null, null), null, null, null);

    private sealed class SilentInspection : IInspection
    {
        public Task<TAnswer> AskAsync<TAnswer>(IQuestion<TAnswer> question, CancellationToken cancellationToken = default) => new TaskCompletionSource<TAnswer>().Task;
    }
}
