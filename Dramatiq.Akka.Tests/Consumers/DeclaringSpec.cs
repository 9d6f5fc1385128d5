using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.Consumers;

/// <summary>A broker that never answers a declaration.</summary>
public sealed class DeclaringSpec
{
    private readonly ScriptedBroker _broker = new();
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task Declaration_that_never_ends_must_be_given_up_and_tried_again_after_a_back_off()
    {
        _broker.OnDeclare = static _ => Task.Delay(Timeout.Infinite);
        var starting = TestHost.StartAsync(d =>
        {
            d.TimeProvider = _clock;
            d.UseBroker(_ => _broker);
            d.Options.DeclareTimeout = TimeSpan.FromSeconds(10);
            d.AddActor("ok", () => { });
        });
        await PassTimeUntilAsync(() => starting.IsCompleted);
        await using var host = await starting;
        await host.Log.OneAsync("Queue default could not be declared yet; its consumer goes on trying: queue default was not declared within 10 s (dramatiq.consumer.declare-timeout).");

        var declared = _broker.Declared.Count;
        await PassTimeUntilAsync(() => host.Log.All.Any(static line => line.Text.Contains("Queue default: not consuming: queue default was not declared within 10 s", StringComparison.Ordinal)));
        await PassTimeUntilAsync(() => _broker.Declared.Count > declared + 2);
        var given = _broker.LastDeclareToken;
        await PassTimeUntilAsync(() => given.IsCancellationRequested);

        _broker.OnDeclare = static _ => Task.CompletedTask;
        await PassTimeUntilAsync(() => _broker.ConsumersOf("default").Count > 0);
        var consumer = await _broker.ConsumerAsync();
        consumer.Deliver(new Message("default", "ok", "[]"u8.ToArray(), "{}"u8.ToArray(), MessageOptions.Empty, Message.NewId(), 0));
        await Eventually.AssertAsync(() => Assert.Equal([SettlementKind.Ack], consumer.Settled.Select(static settled => settled.Kind)));
    }

    private Task PassTimeUntilAsync(Func<bool> condition) => Eventually.AssertAsync(() =>
    {
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(condition());
    });
}
