using System.Collections.Concurrent;
using Dramatiq.Akka.Brokers.InMemory;
using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.Consumers;

/// <summary>Credit, priorities, delays, pause and drain on the in-memory broker.</summary>
public sealed class OperationSpec
{
    private readonly FakeTimeProvider _clock = new();
    private readonly InMemoryBroker _broker;
    private readonly ConcurrentQueue<string> _seen = new();
    private readonly ConcurrentQueue<int> _deliveryCounts = new();
    private readonly SemaphoreSlim _gate = new(0);

    public OperationSpec() => _broker = new InMemoryBroker(new InMemoryBrokerOptions { TimeProvider = _clock });

    private Task<TestHost> StartAsync(int workers = 1, int prefetch = 10, Action<DramatiqBuilder>? configure = null) => TestHost.StartAsync(d =>
    {
        d.TimeProvider = _clock;
        d.Options.Queues.Workers = workers;
        d.Options.Queues.Prefetch = prefetch;
        d.AddActor("see", (string name, MessageContext context) => See(name, context));
        d.AddActor("wait", async (string name, MessageContext context) =>
        {
            See(name, context);
            await _gate.WaitAsync(context.Cancellation);
        });
        configure?.Invoke(d);
    }, _broker);

    private void See(string name, MessageContext context)
    {
        _seen.Enqueue(name);
        _deliveryCounts.Enqueue(context.DeliveryCount);
    }

    private Task SeenAsync(int count) => Eventually.AssertAsync(() => Assert.Equal(count, _seen.Count));

    private static IEnumerable<object> Calls(string actor, int count) => Enumerable.Range(0, count).Select(i => (object)new ActorCall(actor, $"{actor}{i}"));

    private async Task<(long? Ready, long? InFlight)> StatsAsync()
    {
        var stats = await _broker.GetStatsAsync("default", CancellationToken.None);
        return (stats.Ready, stats.InFlight);
    }

    [Fact]
    public async Task Credit_must_never_be_exceeded_and_must_return()
    {
        await using var host = await StartAsync(workers: 2, prefetch: 5);
        await host.Queue.EnqueueManyAsync(Calls("wait", 20));
        await SeenAsync(2);
        await Eventually.AssertAsync(async () => Assert.Equal((15, 5), await StatsAsync()));
        await Eventually.AssertAsync(async () =>
        {
            var pool = await host.PoolAsync();
            Assert.Equal((2, 2, 3, 5), (pool.Workers, pool.Busy, pool.Waiting, (await host.ConsumerAsync()).InFlight));
        });

        _gate.Release(3);
        await SeenAsync(5);
        await Eventually.AssertAsync(async () => Assert.Equal((12, 5), await StatsAsync()));
        _gate.Release(20);
        await host.JoinAsync();
        Assert.Equal(20, _seen.Count);
    }

    [Fact]
    public async Task Worker_must_take_the_lowest_priority_number_first_and_then_the_first_come()
    {
        await using var host = await StartAsync(configure: d => d
            .AddActor("urgent", (string name, MessageContext context) => See(name, context), a => a.Priority(-1))
            .AddActor("lazy", (string name, MessageContext context) => See(name, context), a => a.Priority(9)));
        await host.Queue.EnqueueAsync(new ActorCall("wait", "first"));
        await SeenAsync(1);
        await host.Queue.EnqueueManyAsync([.. Calls("lazy", 2), .. Calls("see", 2), .. Calls("urgent", 2)]);
        await Eventually.AssertAsync(async () => Assert.Equal(6, (await host.PoolAsync()).Waiting));
        _gate.Release();
        await host.JoinAsync();

        Assert.Equal(["first", "urgent0", "urgent1", "see0", "see1", "lazy0", "lazy1"], _seen);
    }

    [Fact]
    public async Task Delayed_messages_must_come_in_the_order_of_their_etas_and_on_time()
    {
        var times = new ConcurrentQueue<double>();
        var start = _clock.GetUtcNow();
        await using var host = await StartAsync(configure: d => d.AddActor("time", () => times.Enqueue((_clock.GetUtcNow() - start).TotalMinutes)));
        foreach (var minutes in new[] { 30, 10, 20, 60 * 24 * 60, 10 })
            await host.Queue.EnqueueAsync(new ActorCall("time"), TimeSpan.FromMinutes(minutes));
        await host.JoinAsync(advance: _clock.Advance);
        Assert.Equal([10, 10, 20, 30, 60 * 24 * 60], times);
    }

    [Fact]
    public async Task Paused_queue_must_finish_what_is_in_hand_and_return_the_rest_untouched()
    {
        await using var host = await StartAsync();
        await host.Queue.EnqueueManyAsync(Calls("wait", 4));
        await SeenAsync(1);
        await host.Tasks.PauseQueueAsync("default");
        await Eventually.AssertAsync(async () => Assert.Equal((3, 1), await StatsAsync()));
        _gate.Release(10);
        await Eventually.AssertAsync(async () => Assert.Equal((3, 0), await StatsAsync()));
        Assert.Equal(ConsumerState.Paused, (await host.ConsumerAsync()).State);
        Assert.Single(_seen);

        await host.Tasks.ResumeQueueAsync("default");
        await host.JoinAsync();
        Assert.Equal(["wait0", "wait1", "wait2", "wait3"], _seen);
        Assert.All(_deliveryCounts, static count => Assert.Equal(1, count));
    }

    [Fact]
    public async Task Workers_must_be_changeable_while_they_run()
    {
        await using var host = await StartAsync(workers: 2);
        await host.Queue.EnqueueManyAsync(Calls("wait", 10));
        await SeenAsync(2);
        await host.Tasks.ScaleWorkersAsync("default", 6);
        await SeenAsync(6);
        await host.Tasks.ScaleWorkersAsync("default", 1);
        await host.Log.OneAsync("Queue default: 1 workers from now on, 6 before.");
        _gate.Release(6);
        await SeenAsync(7);
        await Eventually.AssertAsync(async () => Assert.Equal((1, 1, 3), await host.PoolAsync() is var pool ? (pool.Workers, pool.Busy, pool.Waiting) : default));
        _gate.Release(10);
        await host.JoinAsync();
        await host.PoolIsIdleAsync(1);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => host.Tasks.ScaleWorkersAsync("default", 0));
    }

    [Fact]
    public async Task Pause_must_complete_only_when_what_had_not_started_is_back_and_no_more_is_taken()
    {
        await using var host = await StartAsync();
        await host.Queue.EnqueueManyAsync(Calls("wait", 4));
        await SeenAsync(1);
        await host.Tasks.PauseQueueAsync("default");
        Assert.Equal((3, 1), await StatsAsync());
        await host.Queue.EnqueueAsync(new ActorCall("wait", "late"));
        await host.Tasks.PauseQueueAsync("default");
        Assert.Equal((4, 1), await StatsAsync());
        _gate.Release(10);
        await host.Tasks.ResumeQueueAsync("default");
        await host.Tasks.ResumeQueueAsync("default");
        await host.JoinAsync();
        Assert.Equal(5, _seen.Count);
    }

    [Fact]
    public async Task Scaling_must_complete_when_the_pool_has_its_new_size()
    {
        await using var host = await StartAsync(workers: 2);
        await host.Tasks.ScaleWorkersAsync("default", 6);
        Assert.Equal(6, (await host.PoolAsync()).Workers);
        await host.Tasks.ScaleWorkersAsync("default", 1);
        Assert.Equal(1, (await host.PoolAsync()).Workers);
        var error = await Assert.ThrowsAsync<ArgumentException>(() => host.Tasks.ScaleWorkersAsync("default.DQ", 3));
        Assert.StartsWith("Queue 'default.DQ' is a delay queue, which has no workers: scale 'default'.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Order_for_a_queue_that_is_not_consumed_must_fail_and_name_those_that_are()
    {
        await using var host = await StartAsync();
        foreach (var order in new[] { host.Tasks.PauseQueueAsync("elsewhere"), host.Tasks.ResumeQueueAsync("elsewhere"), host.Tasks.ScaleWorkersAsync("elsewhere", 2) })
        {
            var error = await Assert.ThrowsAsync<QueueNotConsumedException>(() => order);
            Assert.Equal("Queue 'elsewhere' is not consumed here, so it cannot be given orders (consumed: default). Correct its name, or declare an actor with a handler on it.", error.Message);
            Assert.Equal("elsewhere", error.Queue);
        }
    }

    [Fact]
    public async Task Order_after_the_drain_must_fail_rather_than_wait_for_ever()
    {
        await using var host = await StartAsync();
        await host.Tasks.DrainAsync();
        var error = await Assert.ThrowsAsync<TaskSystemDrainsException>(() => host.Tasks.PauseQueueAsync("default"));
        Assert.Equal("Queue 'default' cannot be given orders any more: the task system drains, or has stopped.", error.Message);
    }

    [Fact]
    public async Task Drain_must_finish_what_is_in_hand_and_return_the_rest_untouched()
    {
        await using (var host = await StartAsync())
        {
            await host.Queue.EnqueueAsync(new ActorCall("see", "delayed"), TimeSpan.FromMinutes(1));
            await host.Queue.EnqueueManyAsync(Calls("wait", 4));
            await SeenAsync(1);
            var drain = host.Tasks.DrainAsync();
            await Eventually.AssertAsync(async () => Assert.Equal((3, 1), await StatsAsync()));
            Assert.False(drain.IsCompleted);
            _gate.Release();
            await drain.WaitAsync(Eventually.Patience);
            Assert.Equal((3, 0), await StatsAsync());
            await host.Log.OneAsync("Drained.");
        }

        _gate.Release(10);
        await using var next = await StartAsync();
        await next.JoinAsync(advance: _clock.Advance);
        Assert.Equal(["wait0", "wait1", "wait2", "wait3", "delayed"], _seen);
        Assert.All(_deliveryCounts, static count => Assert.Equal(1, count));
    }

    [Fact]
    public async Task Drain_must_cut_off_at_its_deadline_and_return_what_was_in_hand()
    {
        await using var host = await StartAsync(configure: d => d.Options.TimeLimit = Timeout.InfiniteTimeSpan);   // else it would pass at the same time
        await host.Queue.EnqueueManyAsync(Calls("wait", 2));
        await SeenAsync(1);
        var drain = host.Tasks.DrainAsync();
        await host.Log.OneAsync("Draining: no more messages are taken, and what is in hand has 10 min.");
        _clock.Advance(TimeSpan.FromMinutes(10));
        await drain.WaitAsync(Eventually.Patience);

        await host.Log.OneAsync("The drain was not over after 10 min: handlers on default are cut off, and their messages go back to the queue.");
        await Eventually.AssertAsync(async () => Assert.Equal((2, 0), await StatsAsync()));
        await host.Log.OneAsync("Drained as far as the deadline allowed.");
    }

    [Fact]
    public async Task Drain_must_tell_handlers_that_asked_and_spend_no_attempt()
    {
        await using (var host = await StartAsync(configure: d => d.Options.NotifyShutdown = true))
        {
            await host.Queue.EnqueueAsync(new ActorCall("wait", "told"));
            await SeenAsync(1);
            await host.Tasks.DrainAsync().WaitAsync(Eventually.Patience);
            await host.Log.OneAsync("goes back to default, with no attempt spent: the process shuts down");
        }

        _gate.Release();
        await using var next = await StartAsync();
        await next.JoinAsync();
        Assert.Equal([1, 1], _deliveryCounts);
    }

    [Fact]
    public async Task Consumer_that_fails_during_a_drain_must_not_take_messages_again()
    {
        await using var host = await StartAsync();
        await host.Queue.EnqueueManyAsync(Calls("wait", 3));
        await SeenAsync(1);
        var drain = host.Tasks.DrainAsync();
        await Eventually.AssertAsync(async () => Assert.Equal((2, 1), await StatsAsync()));
        (await host.ActorAsync("default")).Tell(Kill.Instance);
        await drain.WaitAsync(Eventually.Patience);
        await Eventually.AssertAsync(async () => Assert.Equal((3, 0), await StatsAsync()));
        Assert.Single(_seen);
    }
}
