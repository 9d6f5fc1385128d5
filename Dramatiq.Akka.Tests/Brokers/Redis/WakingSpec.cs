using Dramatiq.Akka.Brokers.Redis;
using Dramatiq.Akka.Tests.Contracts;

namespace Dramatiq.Akka.Tests.Brokers.Redis;

/// <summary>A server of its own: commands are counted, and other specs would be in the figures.</summary>
public sealed class WakingSpec(RedisServer server) : RedisFixture(server), IClassFixture<RedisServer>
{
    [Fact]
    public async Task An_idle_queue_must_cost_less_than_one_command_a_second()
    {
        var broker = await NewBrokerAsync();
        await PublishAsync(broker, null, "a");
        var (reader, _) = (Consume(broker), Consume(broker, "q.DQ"));
        var asked = (await Server.CommandCountsAsync()).GetValueOrDefault("llen");
        await reader.AckAsync(await reader.ReadAsync());
        _ = reader.BeginRead();
        await WatchedAsync(asked);
        await QuietAsync();

        var before = await Server.CommandCountsAsync();
        var (began, questions) = (TimeProvider.System.GetTimestamp(), 0);
        Dictionary<string, long> after;
        long calls, seconds;
        do
        {
            await Task.Delay(TimeSpan.FromSeconds(5));
            after = await Server.CommandCountsAsync();
            seconds = (long)TimeProvider.System.GetElapsedTime(began).TotalSeconds;
            calls = after.Sum(static one => one.Value) - before.Sum(static one => one.Value) - ++questions;   // less those of the test
        }
        while (calls >= seconds && seconds < 30);   // a heartbeat, one each 15 s, is several at once: on the whole it counts

        Assert.True(calls < seconds, $"{calls} commands in {seconds} s: {string.Join(", ", after.Where(one => one.Value != before.GetValueOrDefault(one.Key)))}");

        // And it was not asleep for good.
        await WriteAsPythonAsync("b");
        Assert.Equal("b", DeliveryReader.Id(await reader.ReadAsync()));
    }

    [Fact]
    public async Task A_message_of_Pythons_must_wake_an_idle_consumer()
    {
        var broker = await NewBrokerAsync();
        var reader = Consume(broker);
        var asked = (await Server.CommandCountsAsync()).GetValueOrDefault("llen");
        for (var i = 0; i < 20; i++)
        {
            _ = reader.BeginRead();
            asked = await WatchedAsync(asked);
            await WriteAsPythonAsync($"{i}");
            var delivery = await reader.ReadAsync();
            Assert.Equal($"{i}", DeliveryReader.Id(delivery));
            await reader.AckAsync(delivery);
        }
    }

    [Fact]
    public async Task A_message_of_the_same_process_must_wake_its_consumer_without_the_server()
    {
        var broker = await NewBrokerAsync(static options => (options.Poll, options.PollMin, options.PollMax) = (true, TimeSpan.FromHours(1), TimeSpan.FromHours(1)));
        var reader = Consume(broker);
        var read = reader.BeginRead();
        var started = TimeProvider.System.GetTimestamp();
        await EventuallyAsync(
            async () =>
            {
                await PublishAsync(broker, null, "a");   // more than once, since one may come before the consumer has found nothing and waits
                return read.IsCompleted;
            },
            "it was fetched");
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(28));   // after 30 s it looks of its own accord
        Assert.Equal("a", DeliveryReader.Id(await reader.ReadAsync()));
    }

    [Fact]
    public async Task Consumers_must_poll_where_they_are_told_to()
    {
        var asked = (await Server.CommandCountsAsync()).GetValueOrDefault("llen");
        var broker = await NewBrokerAsync(static options => options.Poll = true);
        var reader = Consume(broker);
        _ = reader.BeginRead();
        await WriteAsPythonAsync("a");
        Assert.Equal("a", DeliveryReader.Id(await reader.ReadAsync()));
        Assert.Equal(asked, (await Server.CommandCountsAsync()).GetValueOrDefault("llen"));
    }

    [Fact]
    public async Task Consumers_must_poll_where_the_server_refuses_to_tell()
    {
        Assert.Equal("OK", (string?)await Database.ExecuteAsync("ACL", "SETUSER", "untold", "on", ">secret", "~*", "&*", "+@all", "-client|tracking"));
        var broker = await NewBrokerAsync(options => options.Url = $"redis://untold:secret@127.0.0.1:{Server.Port}/0");
        var reader = Consume(broker);
        for (var i = 0; i < 3; i++)
        {
            _ = reader.BeginRead();
            await WriteAsPythonAsync($"{i}");
            Assert.Equal($"{i}", DeliveryReader.Id(await reader.ReadAsync()));
        }
    }

    [Theory]
    [InlineData("q")]
    [InlineData("q.DQ")]
    public async Task A_consumer_that_polls_must_end_when_it_is_closed_while_it_looks(string queue)
    {
        var reader = Consume(await NewBrokerAsync(static options => (options.Poll, options.PollMax) = (true, TimeSpan.FromMilliseconds(50))), queue);
        _ = reader.BeginRead();
        await Task.Delay(200);
        await Database.ExecuteAsync("CLIENT", "PAUSE", 1_000, "ALL");
        await Task.Delay(300);   // it has asked meanwhile, and is not answered
        await reader.CloseAsync();
        await QuietAsync();
    }

    /// <summary>What comes with connecting is over: nothing but the test's own questions for a while.</summary>
    private async Task QuietAsync()
    {
        var before = 0L;
        await EventuallyAsync(
            async () =>
            {
                var (last, now) = (before, (await Server.CommandCountsAsync()).Where(static one => one.Key != "info").Sum(static one => one.Value));
                before = now;
                await Task.Delay(300);
                return last == now;
            },
            "the server has nothing to do");
    }

    /// <summary>A consumer has asked for the length of its list once more: from here on only a push can bring it news.</summary>
    private async Task<long> WatchedAsync(long before = 0)
    {
        var asked = before;
        await EventuallyAsync(
            async () => (asked = (await Server.CommandCountsAsync()).GetValueOrDefault("llen")) > before,
            "the consumer waits for a push");
        return asked;
    }
}
