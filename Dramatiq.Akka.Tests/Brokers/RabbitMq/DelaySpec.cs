using System.Collections.Concurrent;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Brokers.RabbitMq.Delays;
using Dramatiq.Akka.Messages;
using Microsoft.Extensions.Logging;

namespace Dramatiq.Akka.Tests.Brokers.RabbitMq;

[Collection(RabbitMqCollection.Name)]
public sealed class DelaySpec(SharedRabbitMq shared) : IAsyncLifetime
{
    private readonly string _queue = "delays_" + Guid.NewGuid().ToString("N");

    public Task InitializeAsync()
    {
        _ = shared.Server;
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => shared.Server.DeleteQueuesAsync(_queue);

    [Fact]
    public async Task Delayed_messages_must_come_at_their_time_in_the_order_of_it()
    {
        var arrived = new ConcurrentQueue<(int Delay, long Late)>();
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int[] delays = [12_600, 8_300, 10_200, 0, 9_100];   // those that are delayed are all sent before the first of them is due
        await using var host = await RabbitMqHost.StartAsync(shared.Server.Url, d =>
        {
            d.Options.Queues.Workers = 1;   // several would swap what comes close together
            d.AddActor("note", (int delay, long due) =>
            {
                arrived.Enqueue((delay, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() - due));
                if (arrived.Count == delays.Length)
                    all.TrySetResult();
            }, o => o.Queue(_queue));
            d.AddActor("first", () => { }, o => o.Queue(_queue));
        });
        await host.Queue.EnqueueAsync(new ActorCall("first"), TimeSpan.FromMilliseconds(1));   // declares the ladder, which takes its time
        var now = TimeProvider.System.GetUtcNow();
        await Task.WhenAll(delays.Select(delay => host.Queue.EnqueueAsync(new Enqueue(new ActorCall("note", delay, now.AddMilliseconds(delay).ToUnixTimeMilliseconds())) { At = now.AddMilliseconds(delay) })));
        Assert.Equal(0u, await shared.Server.CountAsync(_queue + ".DQ"));
        await all.Task.WaitAsync(EndToEnd.Eventually.Patience);

        Assert.Equal(delays.Order(), arrived.Select(static one => one.Delay));
        Assert.All(arrived, static one => Assert.InRange(one.Late, -5, long.MaxValue));   // how late they may be is for BusyDelaySpec to say
    }

    [Fact]
    public async Task What_Python_put_into_the_delay_queue_must_run_at_its_time_and_after_each_lease_again()
    {
        var ran = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await RabbitMqHost.StartAsync(
            shared.Server.Url,
            d =>
            {
                d.Options.ReconnectMin = d.Options.ReconnectMax = TimeSpan.FromMinutes(1);   // a renewal that backs off would be too late
                d.AddActor("note", () => { ran.TrySetResult(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()); }, o => o.Queue(_queue));
            },
            rabbit => rabbit.DelayLease = TimeSpan.FromSeconds(1));
        await using var connection = await shared.Server.Factory().CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var due = TimeProvider.System.GetUtcNow().AddSeconds(8).ToUnixTimeMilliseconds();   // so that some leases end before
        var body = new Publication(NewMessage("later", "note", "[]"), due).OnTheWire().Encode();
        await global::RabbitMQ.Client.IChannelExtensions.BasicPublishAsync(channel, "", _queue + ".DQ", body);

        Assert.True(await ran.Task.WaitAsync(EndToEnd.Eventually.Patience) >= due);
        Assert.Contains(host.Log.All, line => line.Level is LogLevel.Information && line.Text.Contains($"Queue {_queue}.DQ: 1 messages have waited here for long; they are given back and taken anew", StringComparison.Ordinal));
        Assert.DoesNotContain(host.Log.All, line => line.Level > LogLevel.Information && line.Text.Contains(_queue, StringComparison.Ordinal));
        Assert.Equal(0u, await shared.Server.CountAsync(_queue + ".DQ"));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(250, 1)]
    [InlineData(251, 2)]
    [InlineData(3_600_000, 14_400)]
    public void Delays_must_be_rounded_up_to_units(int delayMs, long units) =>
        Assert.Equal(units, DelayLadder.Units(TimeSpan.FromMilliseconds(delayMs), TimeSpan.FromMilliseconds(250), "q"));

    [Fact]
    public void Delays_and_names_that_the_ladder_cannot_hold_must_be_told()
    {
        Assert.Null(DelayLadder.Units(TimeSpan.FromDays(1_000), TimeSpan.FromMilliseconds(250), "q"));
        Assert.Null(DelayLadder.Units(TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(250), new string('q', 200)));
    }

    [Fact]
    public void Routing_key_must_spell_the_delay_in_bits_before_the_queue()
    {
        Assert.Equal(string.Concat(Enumerable.Repeat("0.", DelayLadder.Levels - 3)) + "1.0.1.a.b", DelayLadder.RoutingKey(5, "a.b"));
        Assert.Equal("dramatiq.delay.02", DelayLadder.EntryOf(5));
    }

    private Message NewMessage(string id, string actor = "add", string args = "[1,2]") => new(_queue, actor, System.Text.Encoding.UTF8.GetBytes(args), "{}"u8.ToArray(), MessageOptions.Empty, id, 1_700_000_000_000);
}
