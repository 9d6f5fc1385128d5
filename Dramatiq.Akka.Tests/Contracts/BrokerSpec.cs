using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;
using static Dramatiq.Akka.Tests.Contracts.DeliveryReader;

namespace Dramatiq.Akka.Tests.Contracts;

/// <summary>What every broker promises. A backend passes by inheriting this spec and creating its broker.</summary>
public abstract class BrokerSpec : BrokerFixture
{
    [Fact]
    public async Task Broker_must_deliver_the_published_bytes()
    {
        var message = NewMessage("a");
        await PublishAsync(message);
        var delivery = await Consume().ReadAsync();
        Assert.Equal(message.Encode(), Canonicalized(delivery.Body));
        Assert.Equal(1, delivery.DeliveryCount);
    }

    [Fact]
    public async Task Broker_must_keep_the_order_of_publishing()
    {
        var ids = Numbered(200);
        await PublishAsync([.. ids.Take(100).Select(NewMessage)]);
        foreach (var id in ids.Skip(100)) await PublishAsync(NewMessage(id));
        Assert.Equal(ids, Ids(await Consume(prefetch: 1000).ReadAsync(200)));
    }

    [Fact]
    public async Task Broker_must_declare_twice_without_harm()
    {
        await PublishAsync(NewMessage("a"));
        await Broker.DeclareQueueAsync(Queue, CancellationToken.None);
        Assert.Equal("a", Id(await Consume().ReadAsync()));
    }

    [Fact]
    public async Task Broker_must_deliver_higher_priority_first_when_it_supports_priority()
    {
        if (!SupportsPriority) return;
        await PublishAsync(
            NewMessage("plain"), NewMessage("low", priority: 1), NewMessage("high", priority: 5), NewMessage("high too", priority: 5), NewMessage("plain too"));
        Assert.Equal(["high", "high too", "low", "plain", "plain too"], Ids(await Consume().ReadAsync(5)));
    }

    [Fact]
    public async Task Broker_must_never_exceed_the_prefetch()
    {
        await PublishAsync([.. Numbered(20).Select(NewMessage)]);
        var reader = Consume(prefetch: 3);
        var unsettled = new Queue<Delivery>();
        for (var settled = 0; settled < 20; settled++)
        {
            // Drained down to one, so that each credit given back is one that has to be waited for.
            while (unsettled.Count == 0)
            {
                foreach (var delivery in (await reader.NextBatchAsync())!) unsettled.Enqueue(delivery);
                Assert.InRange(unsettled.Count, 1, 3);
            }

            await reader.AckAsync(unsettled.Dequeue());
        }
    }

    [Fact]
    public async Task Broker_must_send_more_when_deliveries_are_settled()
    {
        await PublishAsync(NewMessage("a"), NewMessage("b"), NewMessage("c"));
        var reader = Consume(prefetch: 2);
        var first = await reader.ReadAsync(2);
        var idle = reader.BeginRead();
        Assert.False(idle.IsCompleted);
        await reader.AckAsync(first[1]);
        Assert.Equal("c", Id(await reader.ReadAsync()));
    }

    [Fact]
    public async Task Broker_must_forget_what_was_acked()
    {
        await PublishAsync(NewMessage("a"), NewMessage("b"));
        var reader = Consume();
        var both = await reader.ReadAsync(2);
        await reader.AckAsync(both[0]);
        await reader.CloseAsync();
        Assert.Equal("b", Id(await Consume().ReadAsync()));
    }

    [Fact]
    public async Task Broker_must_pass_over_what_is_settled_already()
    {
        await PublishAsync(NewMessage("a"));
        var reader = Consume();
        var delivery = await reader.ReadAsync();
        await reader.AckAsync(delivery);
        await reader.SettleAsync(Settlement.Requeue(delivery), Settlement.Ack(delivery));
        await reader.AckAsync(delivery);
        await PublishAsync(NewMessage("b"));
        Assert.Equal("b", Id(await reader.ReadAsync()));
    }

    [Fact]
    public async Task Broker_must_move_a_dead_letter_as_it_was_delivered()
    {
        await PublishAsync(NewMessage("a"));
        var reader = Consume();
        var delivery = await reader.ReadAsync();
        await reader.SettleAsync(Settlement.DeadLetter(delivery, body: default, cause: null));
        if (Broker is not IInspectsQueues inspected) return;
        var dead = Assert.Single(await inspected.PeekBodiesAsync(QueueName.Dead(Queue)));
        Assert.Equal(delivery.Body.ToArray(), dead.ToArray());
    }

    [Fact]
    public async Task Broker_must_move_a_dead_letter_with_another_body()
    {
        await PublishAsync(NewMessage("a"));
        var reader = Consume();
        var delivery = await reader.ReadAsync();
        var message = Message.Decode(delivery.Body);
        var replaced = message.With(options: message.Options.With(OptionNames.Traceback, "why")).Encode();
        await reader.SettleAsync(Settlement.DeadLetter(delivery, replaced, new InvalidOperationException("why")));
        if (Broker is not IInspectsQueues inspected) return;
        var dead = Assert.Single(await inspected.PeekBodiesAsync(QueueName.Dead(Queue)));
        Assert.Equal(replaced, dead.ToArray());
    }

    [Fact]
    public async Task Broker_must_move_a_dead_letter_of_the_delay_queue_to_the_canonical_one()
    {
        if (Broker is IDelaysNatively || Broker is not IInspectsQueues inspected) return;
        await Broker.PublishAsync([new Publication(NewMessage("a"), FarEta)], CancellationToken.None);
        var reader = Consume(queue: QueueName.Delay(Queue));
        await reader.SettleAsync(Settlement.DeadLetter(await reader.ReadAsync(), body: default, cause: null));
        Assert.Single(await inspected.PeekBodiesAsync(QueueName.Dead(Queue)));
    }

    [Fact]
    public async Task Broker_must_redeliver_what_is_requeued_and_count_it()
    {
        await PublishAsync(NewMessage("a"));
        var reader = Consume();
        for (var count = 1; count <= 3; count++)
        {
            var delivery = await reader.ReadAsync();
            Assert.Equal(count, delivery.DeliveryCount);
            await reader.SettleAsync(Settlement.Requeue(delivery));
        }
    }

    [Fact]
    public async Task Broker_must_redeliver_what_is_returned_and_not_count_it()
    {
        await PublishAsync(NewMessage("a"));
        var reader = Consume();
        for (var i = 0; i < 3; i++)
        {
            var delivery = await reader.ReadAsync();
            Assert.Equal(1, delivery.DeliveryCount);
            await reader.SettleAsync(Settlement.Return(delivery));
        }
    }

    [Fact]
    public async Task Broker_must_take_back_what_a_closed_consumer_held()
    {
        var ids = Numbered(10);
        await PublishAsync([.. ids.Select(NewMessage)]);
        var reader = Consume(prefetch: 6);
        var held = await reader.ReadAsync(6);
        await reader.AckAsync(held[0], held[3]);
        await reader.CloseAsync();
        await reader.CloseAsync();
        // A batch that was already on its way when the consumer closed may come before the end.
        while (await reader.NextBatchAsync() is not null)
        {
        }

        var again = await Consume().ReadAsync(8);
        AssertOrder(["1", "2", "4", "5", "6", "7", "8", "9"], again);
        Assert.Equal(2, again.Single(delivery => Id(delivery) == "1").DeliveryCount);
        Assert.Equal(1, again.Single(delivery => Id(delivery) == "9").DeliveryCount);
    }

    [Fact]
    public async Task Broker_must_refuse_to_settle_for_a_closed_consumer()
    {
        await PublishAsync(NewMessage("a"));
        var reader = Consume();
        var delivery = await reader.ReadAsync();
        await reader.CloseAsync();
        var error = await Assert.ThrowsAsync<BrokerConnectionException>(() => reader.AckAsync(delivery));
        Assert.True(error.IsTransient);
    }

    [Fact]
    public async Task Broker_must_take_back_what_a_cancelled_stream_held()
    {
        await PublishAsync(NewMessage("a"), NewMessage("b"));
        var reader = Consume();
        await reader.ReadAsync(2);
        reader.CancelStream();
        AssertOrder(["a", "b"], await Consume().ReadAsync(2));
    }

    [Fact]
    public async Task Broker_must_take_back_what_a_dead_materializer_held()
    {
        await PublishAsync(NewMessage("a"), NewMessage("b"));
        var doomed = NewMaterializer();
        await Start(Broker, Queue, 10, doomed).ReadAsync(2);
        doomed.Dispose();
        AssertOrder(["a", "b"], await Consume().ReadAsync(2));
    }

    [Fact]
    public async Task Broker_must_let_a_stopped_consumer_settle_what_it_holds()
    {
        await PublishAsync(NewMessage("a"), NewMessage("b"));
        var stopped = Consume(prefetch: 2);
        var held = await stopped.ReadAsync(2);
        await stopped.Consumer.StopAsync();
        await PublishAsync(NewMessage("c"));
        await stopped.AckAsync(held[0]);

        var other = Consume();
        Assert.Equal("c", Id(await other.ReadAsync()));
        await stopped.SettleAsync(Settlement.Return(held[1]));
        Assert.Equal("b", Id(await other.ReadAsync()));
    }

    [Fact]
    public async Task Broker_must_share_a_queue_between_two_consumers()
    {
        var ids = Numbered(40);
        var (one, two) = (Consume(prefetch: 20), Consume(prefetch: 20));
        await PublishAsync([.. ids.Select(NewMessage)]);
        var (first, second) = (await one.ReadAsync(20), await two.ReadAsync(20));
        Assert.Equal(ids.Order(StringComparer.Ordinal), Ids(first.Concat(second)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Broker_must_wake_an_idle_consumer()
    {
        var reader = Consume();
        foreach (var id in Numbered(20))
        {
            var idle = reader.BeginRead();
            await PublishAsync(NewMessage(id));
            await idle.WaitAsync(TimeSpan.FromSeconds(20));
            var delivery = await reader.ReadAsync();
            Assert.Equal(id, Id(delivery));
            await reader.AckAsync(delivery);
        }
    }

    [Fact]
    public async Task Broker_must_put_a_delayed_message_where_Python_puts_it()
    {
        if (Broker is IDelaysNatively) return;
        await Broker.PublishAsync([new Publication(NewMessage("later"), FarEta), new Publication(NewMessage("now"), null)], CancellationToken.None);
        Assert.Equal("now", Id(await Consume().ReadAsync()));

        var delayed = Message.Decode((await Consume(queue: QueueName.Delay(Queue)).ReadAsync()).Body);
        Assert.Equal("later", delayed.MessageId);
        Assert.Equal(QueueName.Delay(Queue), delayed.QueueName);
        Assert.True(delayed.Options.TryGetInt64(OptionNames.Eta, out var eta));
        Assert.Equal(FarEta, eta);
    }

    [Fact]
    public async Task Broker_must_fail_only_the_message_to_an_undeclared_queue()
    {
        var batch = new[] { NewMessage("a"), NewMessage("lost", queue: Queue + "_nowhere"), NewMessage("b") };
        var outcome = await PublishUncheckedAsync(batch);
        Assert.False(outcome.AllConfirmed);
        Assert.Null(outcome[0]);
        Assert.Equal(Queue + "_nowhere", Assert.IsType<QueueNotFoundException>(outcome[1]).Queue);
        Assert.Null(outcome[2]);
        AssertOrder(["a", "b"], await Consume().ReadAsync(2));
    }

    [Fact]
    public async Task Broker_must_fail_the_stream_of_an_undeclared_queue()
    {
        var reader = Consume(queue: Queue + "_nowhere");
        var error = await Assert.ThrowsAnyAsync<Exception>(reader.NextBatchAsync);
        Assert.Equal(Queue + "_nowhere", Assert.IsType<QueueNotFoundException>((error as AggregateException)?.InnerException ?? error).Queue);
    }
}
