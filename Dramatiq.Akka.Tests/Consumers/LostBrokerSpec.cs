using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.Consumers;

public sealed class LostBrokerSpec
{
    /// <summary>Some months after the first moment of the virtual clock.</summary>
    private const string Later = "962000060000";

    private readonly ScriptedBroker _broker = new();
    private readonly FakeTimeProvider _clock = new();

    private Task<TestHost> StartAsync(Action<DramatiqBuilder> configure) => TestHost.StartAsync(d =>
    {
        d.TimeProvider = _clock;
        d.UseBroker(_ => _broker);
        d.Options.Queues.Workers = 1;
        d.Options.Queues.Prefetch = 5;
        d.Options.Queues.DelayPrefetch = 7;
        configure(d);
    });

    private static Message Call(string actor, string args = "[]") =>
        new("default", actor, System.Text.Encoding.UTF8.GetBytes(args), "{}"u8.ToArray(), MessageOptions.Empty, Message.NewId(), 0);

    private async Task<ScriptedConsumer> ReconnectedAsync(string queue, int number)
    {
        await Eventually.AssertAsync(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.True(_broker.ConsumersOf(queue).Count > number);
        });
        return _broker.ConsumersOf(queue)[number];
    }

    [Fact]
    public async Task Consumer_must_ask_for_its_credit()
    {
        await using var host = await StartAsync(d => d.AddActor("ok", () => { }));
        Assert.Equal(5, (await _broker.ConsumerAsync()).Prefetch);
        Assert.Equal(7, (await _broker.ConsumerAsync("default.DQ")).Prefetch);
    }

    [Fact]
    public async Task Body_of_garbage_must_be_dead_lettered_as_it_came()
    {
        await using var host = await StartAsync(d => d.AddActor("ok", () => { }));
        var consumer = await _broker.ConsumerAsync();
        var garbage = consumer.Deliver("garbage"u8.ToArray(), [], "[1]"u8.ToArray());
        consumer.Deliver(Call("ok"));
        await Eventually.AssertAsync(() => Assert.Equal(4, consumer.Settled.Count));

        var dead = consumer.Settled.Where(static settled => settled.Kind == SettlementKind.DeadLetter).ToArray();
        Assert.Equal(garbage, dead.Select(static settled => settled.Delivery));
        Assert.All(dead, static settled => Assert.True(settled.DeadBody.IsEmpty));
        Assert.All(dead, static settled => Assert.IsType<DecodeException>(settled.Cause));
        await host.Log.OneAsync("a body of 7 bytes on default went to default.XQ, since it is no message: ");
    }

    [Fact]
    public async Task Consumer_that_loses_the_broker_must_connect_again_and_ignore_late_settlements()
    {
        var gates = new[] { new TaskCompletionSource(), new TaskCompletionSource() };
        var runs = 0;
        await using var host = await StartAsync(d => d.AddActor("slow", () => gates[Interlocked.Increment(ref runs) - 1].Task));
        var first = await _broker.ConsumerAsync();
        var message = Call("slow");
        first.Deliver(message, Call("slow"), Call("slow"));
        await Eventually.AssertAsync(() => Assert.Equal(1, runs));

        first.Fail(new BrokerConnectionException("connection reset."));
        await host.Log.OneAsync("Queue default: 3 messages in hand were lost to a closed consumer; the broker delivers them again.");
        await host.Log.OneAsync("Queue default: not consuming: connection reset. Connecting again in");
        Assert.Equal((0, 0), ((await host.ConsumerAsync()).InFlight, (await host.PoolAsync()).Waiting));

        var second = await ReconnectedAsync("default", 1);
        second.Deliver(message);
        gates[0].SetResult();
        await Eventually.AssertAsync(() => Assert.Equal(2, runs));
        gates[1].SetResult();
        await Eventually.AssertAsync(() => Assert.Equal([SettlementKind.Ack], second.Settled.Select(static settled => settled.Kind)));
        Assert.Empty(first.Settled);
        Assert.Equal(1, (await host.ConsumerAsync()).Reconnects);
    }

    [Fact]
    public async Task Settlement_that_fails_must_connect_anew()
    {
        await using var host = await StartAsync(d => d.AddActor("ok", () => { }));
        var first = await _broker.ConsumerAsync();
        first.OnSettle = static () => Task.FromException(new BrokerConnectionException("channel closed."));
        first.Deliver(Call("ok"));
        await host.Log.OneAsync("Queue default: 1 settled messages could not be told to the broker, which delivers them again: channel closed.");
        var second = await ReconnectedAsync("default", 1);
        second.Deliver(Call("ok"));
        await Eventually.AssertAsync(() => Assert.Single(second.Settled));
        Assert.True(first.IsClosed);
    }

    [Fact]
    public async Task Queue_that_cannot_be_declared_yet_must_be_declared_later()
    {
        var tries = 0;
        _broker.OnDeclare = _ => Interlocked.Increment(ref tries) < 6 ? throw new BrokerConnectionException("no route to host.") : Task.CompletedTask;
        await using var host = await StartAsync(d => d.AddActor("ok", () => { }));
        await host.Log.OneAsync("Queue default could not be declared yet; its consumer goes on trying: no route to host.");
        Assert.Equal(ConsumerState.Connecting, (await host.ConsumerAsync()).State);

        var consumer = await ReconnectedAsync("default", 0);
        consumer.Deliver(Call("ok"));
        await Eventually.AssertAsync(() => Assert.Single(consumer.Settled));
    }

    [Fact]
    public async Task Queue_that_is_refused_must_stop_the_start_with_the_broker_s_words()
    {
        _broker.OnDeclare = static _ => throw new BrokerException("inequivalent arg 'x-max-priority' for queue 'default'");
        var failed = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(d => d.AddActor("ok", () => { })));
        Assert.Contains("inequivalent arg 'x-max-priority' for queue 'default'", failed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("default", "null", 0)]
    [InlineData("default", "\"soon\"", 1)]
    [InlineData("default", Later, 1)]
    [InlineData("default.DQ", "null", 1)]
    [InlineData("default.DQ", Later, 1)]
    public async Task Eta_must_be_heeded_wherever_it_is_found(string queue, string eta, int hops)
    {
        var runs = 0;
        await using var host = await StartAsync(d => d.AddActor("ok", () => { Interlocked.Increment(ref runs); }));
        var consumer = await _broker.ConsumerAsync(queue);
        consumer.Deliver(Call("ok").With(queueName: queue, options: MessageOptions.Empty.WithRaw(OptionNames.Eta, System.Text.Encoding.UTF8.GetBytes(eta))));
        if (eta == Later)
        {
            await Eventually.AssertAsync(async () => Assert.Equal(1, (await host.ConsumerAsync(queue)).InFlight));
            Assert.Empty(_broker.Calls);
            _clock.SetUtcNow(DateTimeOffset.FromUnixTimeMilliseconds(962_000_060_000));
        }

        await Eventually.AssertAsync(() => Assert.Equal([SettlementKind.Ack], consumer.Settled.Select(static settled => settled.Kind)));
        Assert.Equal(hops, _broker.Calls.Count);
        Assert.Equal(hops == 0 ? 1 : 0, runs);
        Assert.All(_broker.Calls, static call => Assert.Equal(("default", null, false), (call[0].Message.QueueName, call[0].Eta, call[0].Message.Options.Contains(OptionNames.Eta))));
    }

    [Fact]
    public async Task Eta_beyond_all_calendars_must_wait_and_harm_nobody()
    {
        await using var host = await StartAsync(d => d.AddActor("ok", () => { }));
        var consumer = await _broker.ConsumerAsync("default.DQ");
        var now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        consumer.Deliver(
            Call("ok").With(options: MessageOptions.Empty.WithRaw(OptionNames.Eta, "1e300"u8.ToArray())),
            Call("ok").With(options: MessageOptions.Empty.With(OptionNames.Eta, now + 1_000)));
        await Eventually.AssertAsync(async () => Assert.Equal(2, (await host.ConsumerAsync("default.DQ")).InFlight));
        _clock.Advance(TimeSpan.FromSeconds(1));
        await Eventually.AssertAsync(() => Assert.Single(consumer.Settled));
        Assert.Single(_broker.ConsumersOf("default.DQ"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Drain_must_let_a_handler_finish_whose_broker_was_lost(bool isLostBefore)
    {
        var (entered, gate) = (new TaskCompletionSource(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var isFinished = false;
        await using var host = await StartAsync(d => d.AddActor("wait", async (CancellationToken cut) =>
        {
            entered.SetResult();
            await gate.Task.WaitAsync(cut);
            isFinished = true;
        }));
        var consumer = await _broker.ConsumerAsync();
        consumer.Deliver(Call("wait"));
        await entered.Task;
        var drain = Task.CompletedTask;
        if (!isLostBefore)
        {
            drain = host.Tasks.DrainAsync();
            await host.Log.OneAsync("Draining:");
        }

        consumer.Fail(new BrokerConnectionException("it is gone"));
        await host.Log.OneAsync("Queue default: 1 messages in hand were lost to a closed consumer; the broker delivers them again.");
        if (isLostBefore)
            drain = host.Tasks.DrainAsync();

        // The queue's root answers in order: what would have ended the drain has been heard by now.
        await host.ConsumerAsync();
        Assert.False(drain.IsCompleted);
        gate.SetResult();
        await drain.WaitAsync(Eventually.Patience);
        Assert.True(isFinished);
        Assert.Empty(consumer.Settled);
        await host.Log.OneAsync("Drained.");
    }
}
