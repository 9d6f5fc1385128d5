using Akka.Streams;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Brokers.RabbitMq;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Tests.Contracts;
using Microsoft.Extensions.Time.Testing;
using RabbitMQ.Client;

namespace Dramatiq.Akka.Tests.Brokers.RabbitMq;

/// <summary>To look at a queue of RabbitMQ is to take its messages and to put them back: nobody else must notice.</summary>
[Collection(RabbitMqCollection.Name)]
public sealed class LookingSpec(SharedRabbitMq shared) : IAsyncLifetime
{
    /// <summary>A note of what was looked at may then take 12 s; one that came too late would be a delivery more.</summary>
    private const string Patient = "dramatiq.rabbitmq.reply-timeout = 2m\n";

    private readonly ActorSystem _system = ActorSystem.Create("looking");
    private readonly string _queue = "looking_" + Guid.NewGuid().ToString("N");

    private static CancellationToken None => CancellationToken.None;

    private static string[] Numbered(int count) => [.. Enumerable.Range(0, count).Select(static number => $"{number}")];

    public Task InitializeAsync()
    {
        _ = shared.Server;
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _system.Terminate();
        await shared.Server.DeleteQueuesAsync(_queue);
    }

    [Theory]
    [InlineData("classic")]
    [InlineData("quorum")]
    public async Task Looking_must_neither_change_the_order_nor_count_as_a_delivery(string type)
    {
        await using var broker = await FilledAsync(200, $"dramatiq.rabbitmq.queue-type = {type}");
        await using var onlooker = TestBroker.Create(shared.Server, Patient + $"dramatiq.rabbitmq.queue-type = {type}");
        var reader = Consume(broker, prefetch: 1);
        var first = await reader.ReadAsync();
        for (var i = 0; i < 25; i++)
        {
            var page = await onlooker.PeekAsync(_queue, new PeekRequest(0, 200), None);
            Assert.Equal(Numbered(200)[1..], Ids(page));
            Assert.True(page.IsComplete);
        }

        await reader.AckAsync(first);
        for (var number = 1; number < 200; number++)
        {
            var delivery = await reader.ReadAsync();
            Assert.Equal(($"{number}", 1), (DeliveryReader.Id(delivery), delivery.DeliveryCount));
            await reader.AckAsync(delivery);
        }
    }

    [Theory]
    [InlineData("classic")]
    [InlineData("quorum")]
    public async Task Looks_at_a_queue_that_nobody_consumes_must_not_add_up(string type)
    {
        await using var broker = await FilledAsync(20, $"dramatiq.rabbitmq.queue-type = {type}");
        for (var i = 0; i < 25; i++)
            Assert.Equal(Numbered(20), Ids(await broker.PeekAsync(_queue, new PeekRequest(0, 100), None)));

        var deliveries = await Consume(broker, prefetch: 20).ReadAsync(20);
        Assert.Equal(Numbered(20).Order(), DeliveryReader.Ids(deliveries).Order());
        Assert.All(deliveries, static delivery => Assert.InRange(delivery.DeliveryCount, 1, 2));
    }

    [Fact]
    public async Task Messages_must_be_handed_out_once_while_somebody_looks_without_end()
    {
        const int Count = 2_000;
        await using var broker = await FilledAsync(Count);
        await using var onlooker = TestBroker.Create(shared.Server, Patient);
        using var enough = new CancellationTokenSource();
        var looking = Task.Run(async () =>
        {
            for (var looks = 0; ; looks++)
            {
                if (looks > 0 && enough.IsCancellationRequested)
                    return looks;
                await onlooker.PeekAsync(_queue, new PeekRequest(0, 50), None);
                await onlooker.GetStatsAsync(_queue, None);
            }
        });
        var reader = Consume(broker, prefetch: 8);
        var seen = new List<string>();
        while (seen.Count < Count)
        {
            var delivery = await reader.ReadAsync();
            Assert.InRange(delivery.DeliveryCount, 1, 3);   // the mailbox may be younger than the first looks
            seen.Add(DeliveryReader.Id(delivery));
            await reader.AckAsync(delivery);
        }

        await enough.CancelAsync();
        Assert.True(await looking > 0);
        Assert.Equal(Numbered(Count).Order(), seen.Order());
    }

    [Fact]
    public async Task Delivery_to_a_process_that_died_must_count_though_it_was_looked_at()
    {
        await using var broker = await FilledAsync(1);
        await using (var proxy = new CuttableProxy(shared.Server.Url))
        {
            var doomed = TestBroker.Create(proxy.Url);
            await Consume(doomed, prefetch: 1).ReadAsync();
            proxy.Refuse();
            await doomed.DisposeAsync();
        }

        await EndToEnd.Eventually.AssertAsync(async () => Assert.Single((await broker.PeekAsync(_queue, new PeekRequest(0, 10), None)).Messages));
        Assert.Equal(2, (await Consume(broker, prefetch: 1).ReadAsync()).DeliveryCount);
    }

    [Fact]
    public async Task Look_must_end_at_its_bound_and_say_so()
    {
        await using var broker = await FilledAsync(300, "dramatiq.rabbitmq.inspection { looks = 50, order-looks = 200 }");
        var page = await broker.PeekAsync(_queue, new PeekRequest(40, 100), None);
        Assert.Equal(Numbered(50)[40..], Ids(page));
        Assert.Equal((10, false), (page.LookedAt, page.IsComplete));
        var behind = await broker.PeekAsync(_queue, new PeekRequest(60, 100), None);
        Assert.Equal((0, 0, false), (behind.Messages.Count, behind.LookedAt, behind.IsComplete));
        var none = await broker.FindAsync(_queue, "70", None);
        Assert.Equal((0, 50, false), (none.Messages.Count, none.LookedAt, none.IsComplete));
        Assert.Equal(new MessagesMoved(1, IsComplete: false), await broker.DeleteAsync(_queue, ["150", "250"], None));
        Assert.Equal(new MessagesMoved(1), await broker.DeleteAsync(_queue, ["151"], None));
        Assert.Equal(298u, await shared.Server.CountAsync(_queue));
    }

    [Fact]
    public async Task Search_whose_time_is_over_must_end_after_a_step_and_the_next_must_come_further()
    {
        await using var filled = await FilledAsync(300);
        // On a clock that stands still, what is overdue waits for the end of its step however slow the machine is.
        await using var broker = TestBroker.Create(shared.Server, Patient, new FakeTimeProvider());
        static PeekRequest Search(long offset, TimeSpan? lookFor) => new(offset, 10) { LookAtMost = 400, Matches = static _ => false, LookFor = lookFor };
        var looks = new List<(long, bool)>();
        for (var offset = 0L; looks is [] or [.., (_, false)]; offset += looks[^1].Item1)
        {
            var page = await broker.PeekAsync(_queue, Search(offset, TimeSpan.Zero), None);
            looks.Add((page.LookedAt, page.IsComplete));
        }

        Assert.Equal([(128, false), (128, false), (44, true)], looks);
        foreach (var patience in new TimeSpan?[] { null, TimeSpan.FromMinutes(2), TimeSpan.MaxValue })
        {
            var whole = await broker.PeekAsync(_queue, Search(0, patience), None);
            Assert.Equal((300, true), (whole.LookedAt, whole.IsComplete));
        }
    }

    [Fact]
    public async Task Search_that_RabbitMQ_keeps_waiting_must_show_what_it_has_seen_and_leave_everything_at_its_place()
    {
        await using var broker = await FilledAsync(300);
        await using var proxy = new CuttableProxy(shared.Server.Url);
        await using var onlooker = TestBroker.Create(proxy.Url, Patient);
        bool HoldUp(PeekedMessage message)
        {
            proxy.Hold();
            return false;
        }

        var page = await onlooker.PeekAsync(_queue, new PeekRequest(0, 10) { LookAtMost = 400, Matches = HoldUp, LookFor = TimeSpan.FromMilliseconds(50) }, None).AsTask().WaitAsync(EndToEnd.Eventually.Patience);
        Assert.InRange(page.LookedAt, 1, 299);
        Assert.False(page.IsComplete);

        proxy.Flow();
        await EndToEnd.Eventually.AssertAsync(async () => Assert.Equal(Numbered(300), Ids(await broker.PeekAsync(_queue, new PeekRequest(0, 400), None))));
    }

    [Fact]
    public async Task Order_by_a_filter_must_reach_behind_what_a_look_sees_and_say_where_it_ends()
    {
        await using var broker = await FilledAsync(300, "dramatiq.rabbitmq.inspection { looks = 50, order-looks = 200 }");
        MoveRequest From(int first) => new(MoveKind.Delete) { Matches = message => int.Parse(Message.Decode(message.Body).MessageId, System.Globalization.CultureInfo.InvariantCulture) >= first };
        Assert.Equal(new MessagesMoved(0, IsComplete: false), await broker.MoveAsync(_queue, From(250), None));
        Assert.Equal(new MessagesMoved(110), await broker.MoveAsync(_queue, From(190), None));   // what it drops does not count against its bound
        Assert.Equal(new MessagesMoved(10), await broker.MoveAsync(_queue, From(180), None));
        Assert.Equal(180u, await shared.Server.CountAsync(_queue));
        Assert.Equal(Numbered(180)[..50], Ids(await broker.PeekAsync(_queue, new PeekRequest(0, 50), None)));
    }

    [Fact]
    public async Task Counting_must_not_look_into_a_quorum_queue()
    {
        await using var broker = await FilledAsync(1, "dramatiq.rabbitmq.queue-type = quorum");
        for (var i = 0; i < 25; i++)
            Assert.Equal((1L, null), await broker.GetStatsAsync(_queue, None) is var stats ? (stats.Ready, stats.OldestReady) : default);
        await using var connection = await shared.Server.Factory().CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        Assert.False((await channel.BasicGetAsync(_queue, autoAck: true))!.Redelivered);
    }

    [Fact]
    public async Task Look_that_is_cut_off_must_lose_nothing()
    {
        await using var broker = await FilledAsync(300);
        await using var proxy = new CuttableProxy(shared.Server.Url);
        await using var onlooker = TestBroker.Create(proxy.Url);
        var seen = 0;
        bool Cut(PeekedMessage message)
        {
            if (++seen == 100)
                proxy.Refuse();
            return true;
        }

        await Assert.ThrowsAsync<BrokerConnectionException>(async () => await onlooker.PeekAsync(_queue, new PeekRequest(0, 300) { Matches = Cut }, None));
        await EndToEnd.Eventually.AssertAsync(async () => Assert.Equal(Numbered(300), Ids(await broker.PeekAsync(_queue, new PeekRequest(0, 300), None))));
        await Assert.ThrowsAsync<BrokerConnectionException>(async () => await onlooker.GetStatsAsync(_queue, None));
    }

    [Fact]
    public async Task Queue_that_is_not_there_must_be_named()
    {
        await using var broker = await FilledAsync(0);
        var other = _queue + "_other";
        await Assert.ThrowsAsync<QueueNotFoundException>(async () => await broker.PeekAsync(other, new PeekRequest(0, 1), None));
        await Assert.ThrowsAsync<QueueNotFoundException>(async () => await broker.PurgeAsync(other, None));
        await Assert.ThrowsAsync<QueueNotFoundException>(async () => await broker.RequeueDeadLettersAsync(other, null, None));
        await shared.Server.DeleteQueuesAsync(_queue);
        Assert.Equal(_queue, (await Assert.ThrowsAsync<QueueNotFoundException>(async () => await broker.PeekAsync(_queue, new PeekRequest(0, 1), None))).Queue);
    }

    [Fact]
    public async Task Delayed_messages_must_be_seen_and_moved_in_the_ladder()
    {
        var other = _queue + "_other";
        await using var broker = await FilledAsync(0);
        await broker.DeclareQueueAsync(other, None);
        var eta = TimeProvider.System.GetUtcNow().AddHours(3).ToUnixTimeMilliseconds();
        await broker.PublishAsync([.. Numbered(30).Select(id => new Publication(NewMessage(id, _queue), eta)), .. Numbered(5).Select(id => new Publication(NewMessage(id, other), eta + 60_000_000))], None);

        var delayed = QueueName.Delay(_queue);
        Assert.Equal((30L, 5L), ((await broker.GetStatsAsync(_queue, None)).Delayed, (await broker.GetStatsAsync(other, None)).Delayed));
        var page = await broker.PeekAsync(delayed, new PeekRequest(10, 5), None);
        Assert.Equal((5, 5, false), (page.Messages.Count, page.LookedAt, page.IsComplete));
        Assert.Equal(Numbered(30).Order(), Ids(await broker.PeekAsync(delayed, new PeekRequest(0, 100), None)).Order());

        Assert.Equal(2, (await broker.RunDelayedNowAsync(_queue, ["3", page.Messages[0].Key], None)).Count);
        Assert.All(await Consume(broker, prefetch: 5).ReadAsync(2), static delivery => Assert.Equal(1, delivery.DeliveryCount));
        Assert.Equal(1, (await broker.DeleteAsync(delayed, ["7"], None)).Count);
        Assert.Equal(27, await broker.PurgeAsync(delayed, None));
        Assert.Equal((0L, 5L), ((await broker.GetStatsAsync(_queue, None)).Delayed, (await broker.GetStatsAsync(other, None)).Delayed));
        Assert.Equal(5, await broker.PurgeAsync(QueueName.Delay(other), None));
        await shared.Server.DeleteQueuesAsync(other);
    }

    [Fact]
    public async Task Dead_letters_as_Python_leaves_them_must_be_told_and_requeued()
    {
        await using var broker = await FilledAsync(3);
        await using var connection = await shared.Server.Factory().CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        while (await channel.BasicGetAsync(_queue, autoAck: false) is { } got)
            await channel.BasicNackAsync(got.DeliveryTag, multiple: false, requeue: false);
        await channel.BasicPublishAsync("", _queue + ".XQ", mandatory: true, "no message"u8.ToArray(), None);

        var dead = QueueName.Dead(_queue);
        await EndToEnd.Eventually.AssertAsync(async () => Assert.Equal(4, (await broker.GetStatsAsync(_queue, None)).Dead));
        var page = await broker.PeekAsync(dead, new PeekRequest(0, 10), None);
        Assert.Equal(4, page.Messages.Count);
        Assert.InRange(page.Messages[0].Since!.Value, TimeProvider.System.GetUtcNow().AddMinutes(-5), TimeProvider.System.GetUtcNow().AddMinutes(5));
        MoveRequest Until(TimeSpan sinceNow) => new(MoveKind.Delete)
        {
            Matches = new Dramatiq.Akka.Inspection.MessageMatch(new() { ActorName = "add", DiedUntil = TimeProvider.System.GetUtcNow() + sinceNow }).Matches,
        };
        Assert.Equal(new MessagesMoved(0), await broker.MoveAsync(dead, Until(TimeSpan.FromMinutes(-5)), None));
        Assert.Equal(new MessagesMoved(1), await broker.MoveAsync(dead, Until(TimeSpan.FromMinutes(5)) with { Ids = ["0"] }, None));
        await broker.PublishAsync([new Publication(NewMessage("0", _queue), null)], None);
        Assert.Equal(new MessagesMoved(1), await broker.RequeueDeadLettersAsync(_queue, ["1"], None));
        Assert.Equal(new MessagesMoved(1), await broker.RequeueDeadLettersAsync(_queue, null, None));
        Assert.Equal(["0", "1", "2"], Ids(await broker.PeekAsync(_queue, new PeekRequest(0, 10), None)).Order());
        var left = Assert.Single((await broker.PeekAsync(dead, new PeekRequest(0, 10), None)).Messages);
        Assert.Equal(new MessagesMoved(1), await broker.DeleteAsync(dead, [left.Key], None));
    }

    private static string[] Ids(PeekedPage page) => [.. page.Messages.Select(static message => Message.Decode(message.Body).MessageId)];

    private async Task<RabbitMqBroker> FilledAsync(int count, string hocon = "")
    {
        var broker = TestBroker.Create(shared.Server, Patient + hocon);
        await broker.DeclareQueueAsync(_queue, None);
        if (count > 0)
            Assert.True((await broker.PublishAsync([.. Numbered(count).Select(id => new Publication(NewMessage(id, _queue), null))], None)).AllConfirmed);
        return broker;
    }

    private DeliveryReader Consume(RabbitMqBroker broker, int prefetch) => DeliveryReader.Start(broker, _queue, prefetch, _system.Materializer());

    private static Message NewMessage(string id, string queue) => new(queue, "add", "[1,2]"u8.ToArray(), "{}"u8.ToArray(), MessageOptions.Empty, id, 1_700_000_000_000);
}
