using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Tests.EndToEnd;
using RabbitMQ.Client;

namespace Dramatiq.Akka.Tests.Brokers.RabbitMq;

/// <summary>A pause for every process, kept at RabbitMQ.</summary>
[Collection(RabbitMqCollection.Name)]
public sealed class PausesAcrossProcessesSpec(SharedRabbitMq shared) : IAsyncLifetime
{
    private const string Board = "dramatiq.pauses";

    private readonly string _queue = "paused_" + Guid.NewGuid().ToString("N");

    private static CancellationToken None => CancellationToken.None;

    public Task InitializeAsync()
    {
        _ = shared.Server;
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await using (var broker = TestBroker.Create(shared.Server))
            await broker.SetPausedAsync(_queue, false, None);
        await shared.Server.DeleteQueuesAsync(_queue);
    }

    [Fact]
    public async Task Pause_must_reach_every_process_and_outlive_all_of_them()
    {
        var tally = new Tally(2);
        Task<RabbitMqHost> StartAsync() => RabbitMqHost.StartAsync(shared.Server.Url, d => d.AddActor("count", (int number) => tally.Count(number), o => o.Queue(_queue)));
        static Task IsAsync(RabbitMqHost host, string queue, ConsumerState state) =>
            Eventually.AssertAsync(async () => Assert.Equal(state, (await host.Inspection.AskAsync(new GetQueue(queue))).Consumer!.State));

        await using (var one = await StartAsync())
        await using (var two = await StartAsync())
        {
            Assert.Equal(new QueuePauses(_queue, false, true), await one.Inspection.AskAsync(new PauseQueue(_queue, Everywhere: true)));
            await IsAsync(one, _queue, ConsumerState.Paused);
            await IsAsync(two, _queue, ConsumerState.Paused);
        }

        await using var three = await StartAsync();
        await three.Queue.EnqueueAsync(new ActorCall("count", 1));
        await IsAsync(three, _queue, ConsumerState.Paused);
        Assert.Equal(1, (await three.Inspection.AskAsync(new GetQueue(_queue))).Ready);
        Assert.Equal(new QueuePauses(_queue, false, false), await three.Inspection.AskAsync(new ResumeQueue(_queue, Everywhere: true)));
        await tally.ReachAsync(1);
    }

    [Fact]
    public async Task Word_that_was_purged_must_be_written_anew()
    {
        await using var broker = TestBroker.Create(shared.Server, "dramatiq.rabbitmq.heartbeat = 4s");
        Assert.Contains(_queue, await broker.SetPausedAsync(_queue, true, None));
        await shared.Server.TakeAllAsync(Board);
        Assert.Empty(await broker.GetPausedAsync(None));
        Assert.Contains(_queue, await broker.SetPausedAsync(_queue, true, None));
        Assert.Equal(1u, await shared.Server.CountAsync(Board));
    }

    [Fact]
    public async Task Board_that_others_have_declared_differently_must_be_an_error_for_each_process()
    {
        await using var connection = await shared.Server.Factory().CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeleteAsync(Board);
        await channel.ExchangeDeleteAsync(Board);
        await channel.QueueDeclareAsync(Board, durable: true, exclusive: false, autoDelete: false);
        try
        {
            await using var one = TestBroker.Create(shared.Server);
            await using var two = TestBroker.Create(shared.Server);
            foreach (var broker in new[] { one, two, one })
            {
                var error = await Assert.ThrowsAsync<BrokerException>(() => broker.SetPausedAsync(_queue, true, None).AsTask().WaitAsync(Eventually.Patience));
                Assert.Contains("'dramatiq.pauses'", error.Message, StringComparison.Ordinal);
                Assert.Contains("406", error.Message, StringComparison.Ordinal);
            }
        }
        finally
        {
            await channel.QueueDeleteAsync(Board);
        }
    }

    [Fact]
    public async Task Lock_whose_declaration_was_not_answered_must_keep_nobody_waiting()
    {
        await using (var connection = await shared.Server.Factory().CreateConnectionAsync())
        await using (var channel = await connection.CreateChannelAsync())
        {
            await channel.QueueDeleteAsync(Board);
            await channel.ExchangeDeleteAsync(Board);
        }

        await using var proxy = new CuttableProxy(shared.Server.Url);
        await using var one = TestBroker.Create(proxy.Url, "dramatiq.rabbitmq { reply-timeout = 8s, heartbeat = 60s }");
        proxy.HoldAfter("dramatiq.pauses.first");
        var unanswered = one.SetPausedAsync(_queue, true, None).AsTask();
        await Eventually.AssertAsync(() => Assert.True(proxy.IsHeld));
        await Task.Delay(TimeSpan.FromSeconds(10));   // longer than it is waited for, and not so long that what is asked next is given up too
        proxy.Flow();
        Assert.True(await Record.ExceptionAsync(() => unanswered.WaitAsync(Eventually.Patience)) is null or BrokerConnectionException);

        await using var two = TestBroker.Create(shared.Server);
        Assert.Contains(_queue, await two.SetPausedAsync(_queue, true, None).AsTask().WaitAsync(Eventually.Patience));
    }

    [Fact]
    public async Task Broker_that_is_away_must_be_told_from_one_that_knows_nothing()
    {
        await using var proxy = new CuttableProxy(shared.Server.Url);
        await using var broker = TestBroker.Create(proxy.Url);
        await broker.GetPausedAsync(None);
        proxy.Refuse();
        await Assert.ThrowsAsync<BrokerConnectionException>(async () => await broker.GetPausedAsync(None));
        await Assert.ThrowsAsync<BrokerConnectionException>(async () => await broker.SetPausedAsync(_queue, true, None));
    }
}
