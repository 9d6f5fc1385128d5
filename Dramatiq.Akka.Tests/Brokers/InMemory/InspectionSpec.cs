using Dramatiq.Akka.Brokers;

namespace Dramatiq.Akka.Tests.Brokers.InMemory;

public sealed class InspectionSpec : InMemoryBrokerFixture
{
    [Fact]
    public async Task Stats_must_count_every_message_once()
    {
        await PublishAsync("a", "b", "c");
        await PublishAsync(NewMessage("d"), NowMs + 1_000);
        await PublishAsync(NewMessage("e"), NowMs + 1_000);
        await Consume(prefetch: 1).ReadAsync();
        await Consume("q.DQ", prefetch: 1).ReadAsync();
        Assert.Equal(new QueueStats("q", Ready: 2, Delayed: 2, InFlight: 1, Dead: 0), await StatsAsync());
    }

    [Fact]
    public async Task Stats_must_refuse_an_undeclared_queue() =>
        await Assert.ThrowsAsync<QueueNotFoundException>(async () => await Broker.GetStatsAsync("nowhere", CancellationToken.None));

    [Fact]
    public async Task Queues_must_be_canonical_and_in_order()
    {
        await Broker.DeclareQueueAsync("p", CancellationToken.None);
        Assert.Equal(["p", "q"], await Broker.GetQueuesAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Peek_must_read_a_page_oldest_first_and_take_nothing()
    {
        await PublishAsync("a", "b", "c", "d");
        Assert.Equal(["b", "c"], await PeekAsync("q", offset: 1, count: 2));
        Assert.Equal(["a", "b", "c", "d"], await PeekAsync("q"));
        Assert.Empty(await PeekAsync("q", offset: 4));
    }

    [Fact]
    public async Task Peek_must_show_delayed_messages_that_a_consumer_holds()
    {
        await PublishAsync(NewMessage("a"), NowMs + 1_000);
        await PublishAsync(NewMessage("b"), NowMs + 1_000);
        await Consume("q.DQ", prefetch: 1).ReadAsync();
        Assert.Equal(["a", "b"], await PeekAsync("q.DQ"));
    }

    [Fact]
    public async Task Purge_must_drop_one_queue_and_leave_what_a_consumer_holds()
    {
        await BuryAsync("dead", cause: null);
        await PublishAsync(NewMessage("later"), NowMs + 1_000);
        await PublishAsync("a", "b", "c");
        var reader = Consume(prefetch: 1);
        var held = await reader.ReadAsync();

        Assert.Equal(2, await Broker.PurgeAsync("q", CancellationToken.None));
        Assert.Equal(new QueueStats("q", Ready: 0, Delayed: 1, InFlight: 1, Dead: 1), await StatsAsync());
        Assert.Equal(1, await Broker.PurgeAsync("q.DQ", CancellationToken.None));
        Assert.Equal(1, await Broker.PurgeAsync("q.XQ", CancellationToken.None));
        await reader.SettleAsync(Settlement.Return(held));
        Assert.Equal(held.Body.ToArray(), (await reader.ReadAsync()).Body.ToArray());
    }

    [Fact]
    public async Task FlushAll_must_drop_everything_that_waits()
    {
        await BuryAsync("dead", cause: null);
        await PublishAsync(NewMessage("later"), NowMs + 1_000);
        await PublishAsync("a");
        Broker.FlushAll();
        Assert.Equal(new QueueStats("q", Ready: 0, Delayed: 0, InFlight: 0, Dead: 0), await StatsAsync());
    }

    [Fact]
    public async Task Disposal_must_close_consumers_and_keep_messages()
    {
        await PublishAsync("a");
        var reader = Consume();
        await reader.ReadAsync();
        await Broker.DisposeAsync();
        Assert.Null(await reader.NextBatchAsync());
        Assert.Equal(["a"], await PeekAsync("q"));
    }
}
