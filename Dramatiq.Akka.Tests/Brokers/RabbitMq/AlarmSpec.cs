using Dramatiq.Akka.Brokers.RabbitMq.Connecting;
using Dramatiq.Akka.Inspection;
using RabbitMQ.Client;

namespace Dramatiq.Akka.Tests.Brokers.RabbitMq;

/// <summary>The server has run short of memory and blocks who publishes: what a worker does without publishing goes on. It is one of this spec's own.</summary>
[Collection(RabbitMqCollection.Name)]
public sealed class AlarmSpec : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);
    private RabbitMqServer? _server;

    public async Task InitializeAsync() => _server = await RabbitMqServer.StartPrivateAsync();

    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Fact]
    public async Task Acks_must_go_out_while_a_dead_letter_waits_for_the_server()
    {
        var alarmed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var tally = new Tally(60);
        await using var worker = await RabbitMqHost.StartAsync(_server!.Url, d =>
        {
            d.Options.Queues.Workers = 61;
            d.Options.Queues.Prefetch = 61;
            d.AddActor("fail", async (int n) =>
            {
                await alarmed.Task;
                throw new InvalidOperationException($"{n}");
            }, o => o.Queue("alarm").MaxRetries(0));
            d.AddActor("count", async (int n) =>
            {
                await alarmed.Task;
                tally.Count(n);
            }, o => o.Queue("alarm"));
        }, rabbit => rabbit.BlockedTimeout = TimeSpan.FromMilliseconds(300));
        await worker.Queue.EnqueueAsync(new ActorCall("fail", 0));
        await Task.WhenAll(Enumerable.Range(1, 60).Select(number => worker.Queue.EnqueueAsync(new ActorCall("count", number))));
        await ReachAsync(() => InFlightAsync(worker, "alarm"), 61);
        await AlarmAsync();
        try
        {
            alarmed.SetResult();
            await ReachAsync(() => InFlightAsync(worker, "alarm"), 1);
            Assert.Equal(60, tally.Distinct);
        }
        finally
        {
            await CalmAsync();
        }

        await ReachAsync(async () => (int)await _server.CountAsync("alarm.XQ"), 1);
        await ReachAsync(() => InFlightAsync(worker, "alarm"), 0);
        Assert.Equal(0, tally.Duplicates);
    }

    [Fact]
    public async Task A_redelivered_message_must_run_though_its_count_cannot_be_stored()
    {
        var tally = new Tally(10);
        await using (var sender = await RabbitMqHost.StartAsync(_server!.Url, static d => d.AddRemoteActor("count", "suspects")))
            await Task.WhenAll(Enumerable.Range(1, 10).Select(number => sender.Queue.EnqueueAsync(new ActorCall("count", number))));
        await LeaveInHandAsync("suspects", 3);
        await AlarmAsync();

        await using var worker = await RabbitMqHost.StartAsync(_server.Url, d => d.AddActor("count", (int n) => tally.Count(n), o => o.Queue("suspects")));
        try
        {
            await tally.All;
            await ReachAsync(() => Lines(worker, "could not be put back with its count of deliveries"), 3);
            await ReachAsync(() => InFlightAsync(worker, "suspects"), 0);
        }
        finally
        {
            await CalmAsync();
        }
    }

    [Fact]
    public async Task A_deleted_queue_of_dead_letters_must_be_declared_anew()
    {
        await using var worker = await RabbitMqHost.StartAsync(_server!.Url, d => d.AddActor(
            "fail", object (int n) => throw new InvalidOperationException($"{n}"), o => o.Queue("deleted").MaxRetries(0)));
        await worker.Queue.EnqueueAsync(new ActorCall("fail", 1));
        await ReachAsync(async () => (int)await _server.CountAsync("deleted.XQ"), 1);
        await using (var connection = await _server.Factory().CreateConnectionAsync())
        {
            await using var channel = await connection.CreateChannelAsync();
            await channel.QueueDeleteAsync("deleted.XQ");
        }

        await worker.Queue.EnqueueAsync(new ActorCall("fail", 2));
        await ReachAsync(() => Lines(worker, "could not be stored in deleted.XQ"), 1);
        await ReachAsync(async () => (int)await _server.CountAsync("deleted.XQ"), 1);
        await EndToEnd.Eventually.AssertAsync(async () => Assert.Equal(0, (await worker.Inspection.AskAsync(new GetQueue("deleted"))).Consumer!.Reconnects));
    }

    [Fact]
    public async Task Who_waits_for_a_blocked_connection_must_wait_no_longer_when_it_is_lost()
    {
        await using var proxy = new CuttableProxy(_server!.Url);
        await using var keeper = new ConnectionKeeper(TestBroker.Settings(proxy.Url, "dramatiq.rabbitmq.blocked-timeout = 10m"), "spec");
        var lost = await keeper.GetAsync(CancellationToken.None);
        await using var channel = await lost.CreateChannelAsync();
        await AlarmAsync();
        try
        {
            await channel.BasicPublishAsync("", "nowhere", "x"u8.ToArray());   // RabbitMQ blocks those alone who publish
            await ReachAsync(() => Task.FromResult(keeper.IsBlocked ? 1 : 0), 1);
            var waiting = keeper.WhenUnblockedAsync(CancellationToken.None).AsTask();
            Assert.False(waiting.IsCompleted);

            proxy.Cut();
            await waiting.WaitAsync(Soon);
            Assert.False(keeper.IsBlocked);
            Assert.NotSame(lost, await keeper.GetAsync(CancellationToken.None));
            await keeper.WhenUnblockedAsync(CancellationToken.None).AsTask().WaitAsync(TimeSpan.Zero);
        }
        finally
        {
            await CalmAsync();
        }
    }

    /// <summary>Takes messages and goes without a word about them.</summary>
    private async Task LeaveInHandAsync(string queue, int count)
    {
        await using var connection = await _server!.Factory().CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        for (var i = 0; i < count; i++)
            Assert.NotNull(await channel.BasicGetAsync(queue, autoAck: false));
    }

    private Task AlarmAsync() => _server!.ControlAsync("set_vm_memory_high_watermark", "0.0000001");

    private Task CalmAsync() => _server!.ControlAsync("set_vm_memory_high_watermark", "0.4");

    private static async Task<int> InFlightAsync(RabbitMqHost worker, string queue) => (int)(await worker.Inspection.AskAsync(new GetQueue(queue))).InFlight!.Value;

    private static Task<int> Lines(RabbitMqHost worker, string part) => Task.FromResult(worker.Log.All.Count(line => line.Text.Contains(part, StringComparison.Ordinal)));

    private static async Task ReachAsync(Func<Task<int>> count, int goal)
    {
        using var deadline = new CancellationTokenSource(Soon);
        while (await count() != goal)
            await Task.Delay(20, deadline.Token);
    }
}
