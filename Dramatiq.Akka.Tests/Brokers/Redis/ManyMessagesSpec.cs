using System.Globalization;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Brokers.Redis;
using Dramatiq.Akka.Messages;
using StackExchange.Redis;

namespace Dramatiq.Akka.Tests.Brokers.Redis;

/// <summary>What looking costs the server when there is much to look at: counted in its commands and in the bytes that it sends.</summary>
[Collection(RedisServerCollection.Name)]
public sealed class ManyMessagesSpec(RedisServer server) : RedisFixture(server)
{
    private const int Waiting = 200_000;
    private const int Buried = 20_000;
    private const int Chunk = 5_000;

    private static CancellationToken None => CancellationToken.None;

    private async Task FillAsync()
    {
        foreach (var chunk in Enumerable.Range(0, Waiting).Chunk(Chunk))
        {
            await Database.HashSetAsync(Key("q.msgs"), [.. chunk.Select(static i => new HashEntry($"key-{i}", NewMessage($"id-{i}").Encode()))]);
            await Database.ListRightPushAsync(Key("q"), [.. chunk.Select(static i => (RedisValue)$"key-{i}")]);
        }

        foreach (var chunk in Enumerable.Range(0, Buried).Chunk(Chunk))
        {
            await Database.HashSetAsync(Key("q.XQ.msgs"), [.. chunk.Select(static i => new HashEntry($"dead-{i}", NewMessage($"dead-id-{i}").Encode()))]);
            await Database.SortedSetAddAsync(Key("q.XQ"), [.. chunk.Select(static i => new SortedSetEntry($"dead-{i}", 1_700_000_000_000 + i))]);
        }
    }

    private async Task<(long Commands, long Bytes)> CostAsync(Func<Task> question)
    {
        var before = await CountersAsync();
        await question();
        var after = await CountersAsync();
        return (after.Commands - before.Commands, after.Bytes - before.Bytes);
    }

    private async Task<(long Commands, long Bytes)> CountersAsync()
    {
        var stats = (await Server.Server.InfoAsync("stats"))[0].ToDictionary(static one => one.Key, static one => one.Value);
        return (long.Parse(stats["total_commands_processed"], CultureInfo.InvariantCulture), long.Parse(stats["total_net_output_bytes"], CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Looking_and_moving_must_cost_a_page_however_much_there_is()
    {
        await FillAsync();
        var broker = await NewBrokerAsync();
        await broker.GetStatsAsync("q", None);   // connected, and the scripts known

        async Task CostsAsync(Func<Task> question, int commands, int bytes)
        {
            await question();   // the first call of a script sends its text
            var cost = await CostAsync(question);
            Assert.True(cost.Commands <= commands && cost.Bytes <= bytes, $"{cost.Commands} commands, {cost.Bytes} bytes");
        }

        await CostsAsync(async () => Assert.Equal((Waiting, Buried), await broker.GetStatsAsync("q", None) is var stats ? ((int)stats.Ready!, (int)stats.Dead!) : default), 20, 20_000);
        await CostsAsync(async () => Assert.Equal("key-150000", (await broker.PeekAsync("q", new PeekRequest(150_000, 50), None)).Messages[0].Key), 12, 40_000);
        await CostsAsync(async () => Assert.Equal(50, (await broker.PeekAsync("q.XQ", new PeekRequest(10_000, 50), None)).Messages.Count), 12, 40_000);
        await CostsAsync(async () => Assert.Single((await broker.FindAsync("q", "key-90000", None)).Messages), 12, 20_000);

        // A search looks no further than it was told.
        await CostsAsync(async () => Assert.Equal((1_000, false), await broker.PeekAsync(
            "q", new PeekRequest(100_000, 50) { LookAtMost = 1_000, Matches = static _ => false }, None) is var page ? (page.LookedAt, page.IsComplete) : default), 20, 500_000);
        await CostsAsync(async () => Assert.Equal((RedisPages.FindLooks, false), await broker.FindAsync("q", "nobody", None) is var page ? (page.LookedAt, page.IsComplete) : default), 100, 5_000_000);

        string[] Keys(string name, int from) => [.. Enumerable.Range(from, 50).Select(i => $"{name}-{i}")];
        var turn = 0;
        await CostsAsync(async () => Assert.Equal(new MessagesMoved(50), await broker.RequeueDeadLettersAsync("q", Keys("dead", 50 * turn++), None)), 300, 40_000);
        turn = 0;
        await CostsAsync(async () => Assert.Equal(new MessagesMoved(50), await broker.DeleteAsync("q.XQ", Keys("dead", 1_000 + (50 * turn++)), None)), 200, 40_000);
        turn = 0;
        await CostsAsync(async () => Assert.Equal(new MessagesMoved(50), await broker.DeleteAsync("q", Keys("key", 120_000 + (50 * turn++)), None)), 300, 40_000);
        Assert.Equal(Waiting, (int)(await broker.GetStatsAsync("q", None)).Ready!);   // a hundred came back, a hundred are dropped
    }

    [Fact]
    public async Task Search_whose_time_is_over_must_end_after_a_step_and_the_next_must_come_further()
    {
        await Database.HashSetAsync(Key("q.msgs"), [.. Enumerable.Range(0, 1_200).Select(static i => new HashEntry($"key-{i}", NewMessage($"id-{i}").Encode()))]);
        await Database.ListRightPushAsync(Key("q"), [.. Enumerable.Range(0, 1_200).Select(static i => (RedisValue)$"key-{i}")]);
        var broker = await NewBrokerAsync();
        async Task<(long, bool)> SearchAsync(long offset, TimeSpan? lookFor) =>
            await broker.PeekAsync("q", new PeekRequest(offset, 10) { LookAtMost = 2_000, Matches = static _ => false, LookFor = lookFor }, None) is var page ? (page.LookedAt, page.IsComplete) : default;

        Assert.Equal((RedisPages.Size, false), await SearchAsync(0, TimeSpan.Zero));
        Assert.Equal((RedisPages.Size, false), await SearchAsync(500, TimeSpan.Zero));
        Assert.Equal((200, true), await SearchAsync(1_000, TimeSpan.Zero));
        Assert.Equal((1_200, true), await SearchAsync(0, null));
        Assert.Equal((1_200, true), await SearchAsync(0, TimeSpan.MaxValue));
    }

    [Theory]
    [InlineData("q", MoveKind.Delete)]
    [InlineData("q.DQ", MoveKind.RunNow)]
    public async Task What_matches_must_be_moved_with_one_pass_through_the_list_for_each_page(string queue, MoveKind kind)
    {
        foreach (var chunk in Enumerable.Range(0, Buried).Chunk(Chunk))
        {
            await Database.HashSetAsync(Key(queue + ".msgs"), [.. chunk.Select(i => new HashEntry($"key-{i}", NewMessage($"id-{i}", queue).Encode()))]);
            await Database.ListRightPushAsync(Key(queue), [.. chunk.Select(static i => (RedisValue)$"key-{i}")]);
        }

        var broker = await NewBrokerAsync();
        var told = 0;
        var before = (await CallsAsync("lrem"), await CallsAsync("lpos"));
        var moved = await broker.MoveAsync(queue, new MoveRequest(kind)
        {
            Matches = static message => message.Key.EndsWith("50", StringComparison.Ordinal) && message.Key.Length == "key-15050".Length, Moved = _ => told++,
        }, None);
        Assert.Equal((new MessagesMoved(100), 100), (moved, told));   // five in each of twenty pages
        var (lrem, lpos) = (await CallsAsync("lrem") - before.Item1, await CallsAsync("lpos") - before.Item2);
        Assert.True(lrem <= 25 && lpos == 0, $"{lrem} times LREM, {lpos} times LPOS");
        Assert.Equal(Buried - 100, await Database.ListLengthAsync(Key(queue)));
        Assert.Equal(Buried - 100, await Database.HashLengthAsync(Key(queue + ".msgs")));
        Assert.Equal(kind is MoveKind.RunNow ? 100 : Buried - 100, await Database.ListLengthAsync(Key("q")));
    }

    /// <summary>How often the server has run a command, also within scripts.</summary>
    private async Task<long> CallsAsync(string command)
    {
        var stats = (await Server.Server.InfoAsync("commandstats"))[0].FirstOrDefault(one => one.Key == "cmdstat_" + command).Value;
        return stats is null ? 0 : long.Parse(stats.Split(',')[0]["calls=".Length..], CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Many_dead_letters_must_be_requeued_once_by_two_who_ask_for_all()
    {
        foreach (var chunk in Enumerable.Range(0, Buried).Chunk(Chunk))
        {
            await Database.HashSetAsync(Key("q.XQ.msgs"), [.. chunk.Select(static i => new HashEntry($"dead-{i}", NewMessage($"id-{i}").Encode()))]);
            await Database.SortedSetAddAsync(Key("q.XQ"), [.. chunk.Select(static i => new SortedSetEntry($"dead-{i}", 1_700_000_000_000 + i))]);
        }

        var (one, two) = (await NewBrokerAsync(), await NewBrokerAsync());
        var moved = await Task.WhenAll(
            Task.Run(async () => await one.RequeueDeadLettersAsync("q", null, None)), Task.Run(async () => await two.RequeueDeadLettersAsync("q", null, None)));
        Assert.Equal(Buried, moved.Sum(static each => each.Count));
        Assert.Equal((Buried, 0), await one.GetStatsAsync("q", None) is var stats ? ((int)stats.Ready!, (int)stats.Dead!) : default);
        var ids = (await one.PeekAsync("q", new PeekRequest(0, Buried), None)).Messages.Select(static message => Message.Decode(message.Body).MessageId);
        Assert.Equal(Buried, ids.Distinct(StringComparer.Ordinal).Count());
    }
}
