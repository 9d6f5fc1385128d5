using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Brokers.Redis;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Tests.Contracts;
using StackExchange.Redis;

namespace Dramatiq.Akka.Tests.Brokers.Redis;

[Collection(RedisServerCollection.Name)]
public sealed class HousekeepingSpec(RedisServer server) : RedisFixture(server)
{
    [Fact]
    public async Task What_a_dead_worker_held_must_return_for_every_queue_of_it()
    {
        var worker = await LeaveDeadWorkerAsync("q", "a", "b");
        foreach (var queue in (string[])["other", "other.DQ"])
        {
            await WriteAsPythonAsync("held", queue);
            await Database.ListRemoveAsync(Key(queue), "redis-held");
            await Database.SetAddAsync(Key($"__acks__.{worker}.{queue}"), "redis-held");
        }

        var broker = await NewBrokerAsync();
        var deliveries = await Consume(broker).ReadAsync(2);
        Assert.Equal(["a", "b"], DeliveryReader.Ids(deliveries).Order(StringComparer.Ordinal));
        Assert.All(deliveries, static delivery => Assert.Equal(2, delivery.DeliveryCount));
        await EventuallyAsync(async () => (await Database.SortedSetScoreAsync(Key("__heartbeats__"), worker)) is null, "the dead worker is forgotten");
        Assert.Equal(["redis-held"], await Database.ListRangeAsync(Key("other")));
        Assert.Equal(["redis-held"], await Database.ListRangeAsync(Key("other.DQ")));
        Assert.False(await Database.KeyExistsAsync(Key($"__acks__.{worker}.other")));
    }

    [Fact]
    public async Task What_many_dead_workers_held_must_be_looked_for_once()
    {
        const int workers = 40;
        await Task.WhenAll(Enumerable.Range(0, 20_000).Select(key => Database.StringSetAsync(Key($"other.{key}"), "")));
        for (var worker = 0; worker < workers; worker++)
            await LeaveDeadWorkerAsync("q", $"{worker}");
        var before = await Server.CommandCountsAsync();
        var deliveries = await Consume(await NewBrokerAsync(), prefetch: workers).ReadAsync(workers);
        Assert.Equal(workers, deliveries.Select(DeliveryReader.Id).Distinct().Count());
        await EventuallyAsync(async () => await Database.SortedSetLengthAsync(Key("__heartbeats__")) == 1, "the dead are forgotten");
        var scans = (await Server.CommandCountsAsync())["scan"] - before.GetValueOrDefault("scan");
        var oneScan = (long)await Database.ExecuteAsync("DBSIZE") / 1_000 + 1;
        Assert.InRange(scans, oneScan / 2, oneScan * 4);
    }

    [Fact]
    public async Task Many_messages_of_a_dead_worker_must_return()
    {
        var worker = await LeaveDeadWorkerAsync("q");
        const int count = 20_000;
        var ids = Enumerable.Range(0, count).Select(static id => (RedisValue)$"redis-{id}").ToArray();
        await Database.HashSetAsync(Key("q.msgs"), [.. ids.Select(id => new HashEntry(id, NewMessage(id.ToString()).Encode()))]);
        await Database.SetAddAsync(Key($"__acks__.{worker}.q"), ids);
        var reader = Consume(await NewBrokerAsync(), prefetch: count);
        Assert.Equal(count, (await reader.ReadAsync(count)).Select(DeliveryReader.Id).Distinct().Count());
    }

    [Fact]
    public async Task An_id_without_a_body_must_be_passed_over()
    {
        await WriteAsPythonAsync("a");
        await Database.ListRightPushAsync(Key("q"), "hole");
        await WriteAsPythonAsync("b");
        var reader = Consume(await NewBrokerAsync());
        Assert.Equal(["a", "b"], DeliveryReader.Ids(await reader.ReadAsync(2)));
        var worker = Assert.Single(await Database.SortedSetRangeByRankAsync(Key("__heartbeats__")));
        Assert.Equal(2, await Database.SetLengthAsync(Key($"__acks__.{worker}.q")));
    }

    [Fact]
    public async Task A_broken_body_must_come_as_it_is_and_hold_up_no_neighbour()
    {
        await WriteAsPythonAsync("a");
        await WriteAsPythonAsync("broken", body: "{\"queue_name\"");
        await WriteAsPythonAsync("b");
        var reader = Consume(await NewBrokerAsync());
        var deliveries = await reader.ReadAsync(3);
        Assert.Throws<DecodeException>(() => Message.Decode(deliveries[1].Body));
        await reader.SettleAsync(Settlement.Ack(deliveries[0]), Settlement.DeadLetter(deliveries[1], default, null), Settlement.Ack(deliveries[2]));
        Assert.Equal("{\"queue_name\"", (string?)await Database.HashGetAsync(Key("q.XQ.msgs"), "redis-broken"));
        Assert.Equal(0, await Database.HashLengthAsync(Key("q.msgs")));
    }

    [Fact]
    public async Task Dead_letters_must_go_when_they_are_too_old()
    {
        var broker = await NewBrokerAsync(static options => options.DeadMessageTtl = TimeSpan.FromHours(1));
        var now = await NowMsAsync();
        foreach (var (id, age) in (ReadOnlySpan<(string, int)>)[("old", 3_700_000), ("young", 3_000_000)])
        {
            Database.SortedSetAdd(Key("q.XQ"), id, now - age);
            Database.HashSet(Key("q.XQ.msgs"), id, "body");
        }

        Consume(broker);
        await EventuallyAsync(async () => await Database.SortedSetLengthAsync(Key("q.XQ")) == 1, "the old one is gone");
        Assert.Equal(["young"], await Database.HashKeysAsync(Key("q.XQ.msgs")));
    }

    [Fact]
    public async Task A_worker_taken_for_dead_must_not_settle_what_another_owns()
    {
        var slow = await NewBrokerAsync();
        await PublishAsync(slow, null, "a");
        var reader = Consume(slow, prefetch: 1);   // with no credit left it asks for nothing, and does not learn of its death
        var delivery = await reader.ReadAsync();
        var worker = Assert.Single(await Database.SortedSetRangeByRankAsync(Key("__heartbeats__")));
        await Database.SortedSetAddAsync(Key("__heartbeats__"), worker, 1);

        var other = await NewBrokerAsync();
        var owner = Consume(other);
        var again = await owner.ReadAsync();
        try
        {
            await reader.AckAsync(delivery);
        }
        catch (BrokerConnectionException)
        {
            // A beat of its own has told it meanwhile.
        }

        Assert.Equal(1, await Database.HashLengthAsync(Key("q.msgs")));
        await owner.AckAsync(again);
        Assert.Equal(0, await Database.HashLengthAsync(Key("q.msgs")));
    }

    [Fact]
    public async Task A_consumer_whose_lease_lapsed_must_end_with_the_reason()
    {
        var broker = await NewBrokerAsync();
        var reader = Consume(broker);
        _ = reader.BeginRead();
        await EventuallyAsync(async () => await Database.SortedSetLengthAsync(Key("__heartbeats__")) == 1, "the consumer has joined");
        var worker = Assert.Single(await Database.SortedSetRangeByRankAsync(Key("__heartbeats__")));
        await Database.SortedSetAddAsync(Key("__heartbeats__"), worker, 1);
        await PublishAsync(broker, null, "a");
        var error = await Assert.ThrowsAnyAsync<Exception>(reader.NextBatchAsync);
        Assert.StartsWith("The consumer of queue 'q' was silent for longer than dramatiq.redis.heartbeat-timeout", ((error as AggregateException)?.InnerException ?? error).Message, StringComparison.Ordinal);
        Assert.Equal("a", DeliveryReader.Id(await Consume(broker).ReadAsync()));
    }

    [Fact]
    public async Task Count_of_deliveries_must_go_with_the_message()
    {
        var broker = await NewBrokerAsync();
        await PublishAsync(broker, null, "a");
        var reader = Consume(broker);
        await reader.SettleAsync(Settlement.Requeue(await reader.ReadAsync()));
        await reader.AckAsync(await reader.ReadAsync());
        Assert.False(await Database.KeyExistsAsync(Key("deliveries:q")));
    }
}
