using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.Consumers;

/// <summary>A broker that wants back what a consumer holds, before it takes it by force.</summary>
public sealed class LeaseSpec
{
    private readonly ScriptedBroker _broker = new();
    private readonly FakeTimeProvider _clock = new();

    private Task<TestHost> StartAsync() => TestHost.StartAsync(d =>
    {
        d.TimeProvider = _clock;
        d.UseBroker(_ => _broker);
        d.AddActor("ok", () => { });
    });

    private Message Call(TimeSpan wait) => new(
        "default.DQ", "ok", "[]"u8.ToArray(), "{}"u8.ToArray(), MessageOptions.Empty.With(OptionNames.Eta, (_clock.GetUtcNow() + wait).ToUnixTimeMilliseconds()), Message.NewId(), 0);

    [Fact]
    public async Task Consumer_must_give_back_what_waits_and_take_it_anew_at_once()
    {
        await using var host = await StartAsync();
        var first = await _broker.ConsumerAsync("default.DQ");
        var held = first.Deliver(Call(TimeSpan.FromHours(1)), Call(TimeSpan.FromHours(2)));
        await Eventually.AssertAsync(async () => Assert.Equal(2, (await host.ConsumerAsync("default.DQ")).InFlight));
        first.EndLease();

        // The clock stands still: no back-off could end.
        var second = await _broker.ConsumerAsync("default.DQ", 1);
        await Eventually.AssertAsync(() => Assert.True(first.IsClosed));
        Assert.Equal(held.Select(static delivery => (delivery, SettlementKind.Return)), first.Settled.Select(static settled => (settled.Delivery, settled.Kind)));
        second.Deliver(Call(TimeSpan.FromHours(1)));
        _clock.Advance(TimeSpan.FromHours(1));
        await Eventually.AssertAsync(() => Assert.Equal([SettlementKind.Ack], second.Settled.Select(static settled => settled.Kind)));

        Assert.Single(_broker.Calls);
        var after = await host.ConsumerAsync("default.DQ");
        Assert.Equal((0, 0), (after.Reconnects, after.InFlight));
        Assert.Equal(LogLevel.Information, (await host.Log.OneAsync("Queue default.DQ: 2 messages have waited here for long; they are given back and taken anew")).Level);
        Assert.DoesNotContain(host.Log.All, static line => line.Level > LogLevel.Information);
    }

    [Fact]
    public async Task Message_that_is_being_published_must_be_settled_with_the_consumer_that_it_came_from()
    {
        var confirming = new TaskCompletionSource<PublishOutcome>();
        _broker.OnPublish = (_, _) => new(confirming.Task);
        await using var host = await StartAsync();
        var first = await _broker.ConsumerAsync("default.DQ");
        first.Deliver(Call(TimeSpan.Zero));
        await Eventually.AssertAsync(() => Assert.Single(_broker.Calls));
        first.EndLease();
        await _broker.ConsumerAsync("default.DQ", 1);
        Assert.False(first.IsClosed);

        confirming.SetResult(PublishOutcome.Confirmed);
        await Eventually.AssertAsync(() => Assert.True(first.IsClosed));
        Assert.Equal([SettlementKind.Ack], first.Settled.Select(static settled => settled.Kind));
    }

    [Fact]
    public async Task Lease_that_ends_while_the_queue_is_paused_must_change_nothing()
    {
        await using var host = await StartAsync();
        var first = await _broker.ConsumerAsync("default.DQ");
        var paused = host.Tasks.PauseQueueAsync("default");
        await host.Log.OneAsync("Queue default.DQ: paused");
        first.EndLease();
        Assert.Equal(Dramatiq.Akka.Consumers.ConsumerState.Paused, (await host.ConsumerAsync("default.DQ")).State);
        Assert.Single(_broker.ConsumersOf("default.DQ"));

        await paused;
        await host.Tasks.ResumeQueueAsync("default");
        await _broker.ConsumerAsync("default.DQ", 1);
    }
}
