using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Tests.Contracts;

/// <summary>What every broker must do that tells what its queues hold.</summary>
public abstract class InspectionSpec : BrokerFixture
{
    private IInspectsQueues Inspected => (IInspectsQueues)Broker;

    private string Delayed => QueueName.Delay(Queue);

    private string Dead => QueueName.Dead(Queue);

    private static CancellationToken None => CancellationToken.None;

    private static string[] Ids(PeekedPage page) => [.. page.Messages.Select(static message => Message.Decode(message.Body).MessageId)];

    private async Task<string[]> IdsAsync(string queue) => Ids(await Inspected.PeekAsync(queue, new PeekRequest(0, 1_000), None));

    private async Task DelayAsync(params string[] ids) =>
        Assert.True((await Broker.PublishAsync([.. ids.Select(id => new Publication(NewMessage(id), FarEta))], None)).AllConfirmed);

    private static int NumberOf(PeekedMessage message) => int.Parse(Message.Decode(message.Body).MessageId, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Whether the broker itself tells when a letter died that this library buried.</summary>
    protected virtual bool KnowsWhenLettersDied => true;

    private async Task BuryAsync(params string[] ids)
    {
        await PublishAsync([.. ids.Select(NewMessage)]);
        var reader = Consume(prefetch: ids.Length);
        var deliveries = await reader.ReadAsync(ids.Length);
        foreach (var delivery in deliveries)
        {
            var message = Message.Decode(delivery.Body);
            var options = message.Options.With(OptionNames.Retries, 3).With(OptionNames.Traceback, "why").WithRaw(OptionNames.DeadLetter, "{\"reason\":\"spec\"}"u8.ToArray());
            await reader.SettleAsync(Settlement.DeadLetter(delivery, message.With(options: options).Encode(), null));
        }

        await reader.CloseAsync();
    }

    [Fact]
    public async Task Stats_must_tell_each_count_and_the_age_of_the_next()
    {
        await BuryAsync("dead");
        await DelayAsync("later", "later still");
        await PublishAsync([.. Numbered(4).Select(NewMessage)]);
        await Consume(prefetch: 1).ReadAsync();
        var stats = await Inspected.GetStatsAsync(Queue, None);
        Assert.Equal(new QueueStats(Queue, 3, 2, 1, 1, DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000)), stats);
        await Assert.ThrowsAsync<QueueNotFoundException>(async () => await Inspected.GetStatsAsync(Queue + "_nowhere", None));
    }

    [Fact]
    public async Task Peek_must_give_a_page_and_say_how_far_it_looked()
    {
        await PublishAsync([.. Numbered(10).Select(NewMessage)]);
        var page = await Inspected.PeekAsync(Queue, new PeekRequest(2, 3), None);
        Assert.Equal(["2", "3", "4"], Ids(page));
        Assert.Equal((3, false), (page.LookedAt, page.IsComplete));

        var last = await Inspected.PeekAsync(Queue, new PeekRequest(7, 3), None);
        Assert.Equal((3, 3, true), (last.Messages.Count, last.LookedAt, last.IsComplete));
        var behind = await Inspected.PeekAsync(Queue, new PeekRequest(10, 3), None);
        Assert.Equal((0, 0, true), (behind.Messages.Count, behind.LookedAt, behind.IsComplete));
        Assert.Equal(Numbered(10), await IdsAsync(Queue));
    }

    [Fact]
    public async Task Peek_must_search_as_far_as_it_was_told_and_go_on_from_there()
    {
        await PublishAsync([.. Numbered(20).Select(NewMessage)]);
        bool Even(PeekedMessage message) => NumberOf(message) % 2 == 0;
        var page = await Inspected.PeekAsync(Queue, new PeekRequest(0, 3) { LookAtMost = 100, Matches = Even }, None);
        Assert.Equal(["0", "2", "4"], Ids(page));
        Assert.False(page.IsComplete);
        var rest = await Inspected.PeekAsync(Queue, new PeekRequest(page.LookedAt, 100) { LookAtMost = 100, Matches = Even }, None);
        Assert.Equal(["6", "8", "10", "12", "14", "16", "18"], Ids(rest));
        Assert.Equal((20, true), (page.LookedAt + rest.LookedAt, rest.IsComplete));

        var brief = await Inspected.PeekAsync(Queue, new PeekRequest(1, 10) { LookAtMost = 4, Matches = Even }, None);
        Assert.Equal(["2", "4"], Ids(brief));
        Assert.Equal((4, false), (brief.LookedAt, brief.IsComplete));
    }

    [Fact]
    public async Task Search_without_any_time_must_still_come_to_the_end_page_by_page()
    {
        await PublishAsync([.. Numbered(20).Select(NewMessage)]);
        var (found, page) = (new List<string>(), new PeekedPage([], 0, IsComplete: false));
        for (var offset = 0L; !page.IsComplete; offset += page.LookedAt)
        {
            page = await Inspected.PeekAsync(Queue, new PeekRequest(offset, 3) { LookAtMost = 5, LookFor = TimeSpan.Zero, Matches = static message => NumberOf(message) % 2 == 0 }, None);
            Assert.NotEqual((0, false), (page.LookedAt, page.IsComplete));
            found.AddRange(Ids(page));
        }

        Assert.Equal(["0", "2", "4", "6", "8", "10", "12", "14", "16", "18"], found);
    }

    [Fact]
    public async Task Find_must_know_a_message_by_its_key_and_by_its_id()
    {
        await PublishAsync([.. Numbered(30).Select(NewMessage)]);
        await BuryFirstAsync();
        var key = (await Inspected.PeekAsync(Queue, new PeekRequest(17, 1), None)).Messages[0].Key;
        Assert.Equal(["18"], Ids(await Inspected.FindAsync(Queue, key, None)));
        Assert.Equal(["23"], Ids(await Inspected.FindAsync(Queue, "23", None)));
        var dead = (await Inspected.PeekAsync(Dead, new PeekRequest(0, 1), None)).Messages[0];
        Assert.Equal(dead.Body.ToArray(), Assert.Single((await Inspected.FindAsync(Dead, dead.Key, None)).Messages).Body.ToArray());
        var none = await Inspected.FindAsync(Queue, Message.NewId(), None);
        Assert.Equal((0, true), (none.Messages.Count, none.IsComplete));
    }

    private async Task BuryFirstAsync()
    {
        var reader = Consume(prefetch: 1);
        await reader.SettleAsync(Settlement.DeadLetter(await reader.ReadAsync(), default, null));
        await reader.Consumer.StopAsync();
        await reader.CloseAsync();
    }

    [Fact]
    public async Task Delete_must_drop_what_is_named_and_keep_the_order_of_the_rest()
    {
        await PublishAsync([.. Numbered(10).Select(NewMessage)]);
        var key = (await Inspected.PeekAsync(Queue, new PeekRequest(8, 1), None)).Messages[0].Key;
        Assert.Equal(new MessagesMoved(3), await Inspected.DeleteAsync(Queue, ["0", "3", key, "nobody"], None));
        Assert.Equal(["1", "2", "4", "5", "6", "7", "9"], await IdsAsync(Queue));
        Assert.Equal(new MessagesMoved(0), await Inspected.DeleteAsync(Queue, [key], None));
        Assert.Equal(7, (await Inspected.GetStatsAsync(Queue, None)).Ready);

        await DelayAsync("a", "b");
        await BuryFirstAsync();
        Assert.Equal(1, (await Inspected.DeleteAsync(Delayed, ["a"], None)).Count);
        Assert.Equal(["b"], await IdsAsync(Delayed));
        Assert.Equal(1, (await Inspected.DeleteAsync(Dead, ["1"], None)).Count);
        Assert.Equal((1, 0), ((await Inspected.GetStatsAsync(Queue, None)).Delayed, (await Inspected.GetStatsAsync(Queue, None)).Dead));
    }

    [Fact]
    public async Task Delete_must_leave_alone_what_a_consumer_holds()
    {
        await PublishAsync(NewMessage("held"), NewMessage("free"));
        var reader = Consume(prefetch: 1);
        var held = await reader.ReadAsync();
        Assert.Equal(1, (await Inspected.DeleteAsync(Queue, ["held", "free"], None)).Count);
        await reader.SettleAsync(Settlement.Return(held));
        Assert.Equal("held", DeliveryReader.Id(await reader.ReadAsync()));
    }

    [Fact]
    public async Task Delayed_message_must_run_at_once_when_told_to()
    {
        await DelayAsync("a", "b", "c");
        var key = (await Inspected.PeekAsync(Delayed, new PeekRequest(2, 1), None)).Messages[0].Key;
        Assert.Equal(2, (await Inspected.RunDelayedNowAsync(Queue, ["a", key, "nobody"], None)).Count);
        Assert.Equal(["b"], await IdsAsync(Delayed));
        var run = await Consume().ReadAsync(2);
        Assert.Equal(["a", "c"], DeliveryReader.Ids(run).Order());
        Assert.All(run, delivery => Assert.False(Message.Decode(delivery.Body).Options.Contains(OptionNames.Eta)));
        Assert.All(run, delivery => Assert.Equal(Queue, Message.Decode(delivery.Body).QueueName));
    }

    [Fact]
    public async Task Requeued_dead_letter_must_be_as_new()
    {
        await BuryAsync("a", "b", "c");
        var key = (await Inspected.FindAsync(Dead, "b", None)).Messages[0].Key;   // those that died in one moment have no order
        Assert.Equal(new MessagesMoved(2), await Inspected.RequeueDeadLettersAsync(Queue, ["a", key, "nobody"], None));
        Assert.Equal(["c"], await IdsAsync(Dead));
        var revived = await Consume().ReadAsync(2);
        Assert.Equal(["a", "b"], DeliveryReader.Ids(revived).Order());
        Assert.All(revived, delivery => Assert.False(Message.Decode(delivery.Body).Options.Contains(OptionNames.Retries)
            || Message.Decode(delivery.Body).Options.Contains(OptionNames.DeadLetter) || Message.Decode(delivery.Body).Options.Contains(OptionNames.Traceback)));
    }

    [Fact]
    public async Task Dead_letters_must_be_requeued_once_however_many_ask()
    {
        var ids = Numbered(200);
        await BuryAsync(ids);
        var keys = (await Inspected.PeekAsync(Dead, new PeekRequest(0, 1_000), None)).Messages.Select(static message => message.Key).ToArray();
        var moved = await Task.WhenAll(
            Task.Run(async () => await Inspected.RequeueDeadLettersAsync(Queue, keys, None)),
            Task.Run(async () => await Inspected.RequeueDeadLettersAsync(Queue, null, None)),
            Task.Run(async () => await Inspected.RequeueDeadLettersAsync(Queue, ids, None)));
        Assert.Equal(200, moved.Sum(static one => one.Count));
        Assert.Equal(ids.Order(StringComparer.Ordinal), (await IdsAsync(Queue)).Order(StringComparer.Ordinal));
        Assert.Equal(0, (await Inspected.GetStatsAsync(Queue, None)).Dead);
    }

    [Theory]
    [InlineData(MoveKind.Delete)]
    [InlineData(MoveKind.Requeue)]
    public async Task Move_must_take_what_matches_and_tell_what_it_took(MoveKind kind)
    {
        await BuryAsync(Numbered(30));
        var told = new List<string>();
        var request = new MoveRequest(kind) { Matches = static message => NumberOf(message) % 3 == 0, Moved = message => told.Add(Message.Decode(message.Body).MessageId) };
        var expected = Numbered(30).Where(static id => int.Parse(id, System.Globalization.CultureInfo.InvariantCulture) % 3 == 0).Order().ToArray();
        Assert.Equal(new MessagesMoved(10), await Inspected.MoveAsync(Dead, request, None));
        Assert.Equal(expected, told.Order());
        Assert.Equal(new MessagesMoved(0), await Inspected.MoveAsync(Dead, request, None));
        Assert.Equal(10, told.Count);
        Assert.Equal(kind is MoveKind.Delete ? [] : expected, (await IdsAsync(Queue)).Order());
        Assert.Equal(Numbered(30).Except(expected).Order(), (await IdsAsync(Dead)).Order());
    }

    [Fact]
    public async Task Move_must_run_delayed_messages_that_match()
    {
        await DelayAsync(Numbered(10));
        Assert.Equal(4, (await Inspected.MoveAsync(Delayed, new MoveRequest(MoveKind.RunNow) { Matches = static message => NumberOf(message) < 4 }, None)).Count);
        Assert.Equal(Numbered(10)[4..], (await IdsAsync(Delayed)).Order());
        Assert.Equal(Numbered(4), DeliveryReader.Ids(await Consume().ReadAsync(4)).Order());
    }

    [Fact]
    public async Task Letter_without_a_note_must_have_died_when_the_broker_says_so()
    {
        await PublishAsync(NewMessage("0"));
        await BuryFirstAsync();   // as it came, as Python leaves it
        var since = (await Inspected.PeekAsync(Dead, new PeekRequest(0, 1), None)).Messages[0].Since;
        Assert.Equal(KnowsWhenLettersDied, since is not null);
        MoveRequest Until(DateTimeOffset until) => new(MoveKind.Delete) { Matches = new Dramatiq.Akka.Inspection.MessageMatch(new() { DiedUntil = until }).Matches };
        Assert.Equal(0, (await Inspected.MoveAsync(Dead, Until((since ?? TimeProvider.System.GetUtcNow()).AddMilliseconds(-1)), None)).Count);
        Assert.Equal(KnowsWhenLettersDied ? 1 : 0, (await Inspected.MoveAsync(Dead, Until(since ?? DateTimeOffset.MaxValue), None)).Count);
    }

    [Fact]
    public async Task Purge_must_drop_one_place_and_leave_the_others()
    {
        await BuryAsync("dead");
        await DelayAsync("later");
        await PublishAsync([.. Numbered(5).Select(NewMessage)]);
        Assert.Equal(5, await Inspected.PurgeAsync(Queue, None));
        Assert.Equal((0, 1, 1), await Inspected.GetStatsAsync(Queue, None) is var stats ? (stats.Ready, stats.Delayed, stats.Dead) : default);
        Assert.Equal(1, await Inspected.PurgeAsync(Delayed, None));
        Assert.Equal(1, await Inspected.PurgeAsync(Dead, None));
    }
}
