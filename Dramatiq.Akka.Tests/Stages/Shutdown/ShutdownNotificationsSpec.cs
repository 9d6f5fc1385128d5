using Dramatiq.Akka.Brokers.InMemory;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Tests.Contracts;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.Stages.Shutdown;

public sealed class ShutdownNotificationsSpec
{
    private readonly FakeTimeProvider _clock = new();
    private readonly InMemoryBroker _broker;
    private readonly Feed<(int Delivery, int Attempt)> _started = new();
    private readonly Feed<bool> _cancelled = new();

    public ShutdownNotificationsSpec() => _broker = VirtualHost.NewBroker(_clock);

    [Theory]
    [InlineData("{}", true, false)]
    [InlineData("{\"notify_shutdown\":true}", false, false)]
    [InlineData("{\"notify_shutdown\":null}", true, false)]
    [InlineData("{}", null, true)]
    public async Task Interrupted_message_must_go_back_with_no_attempt_and_no_delivery_spent(string options, bool? actor, bool middleware)
    {
        var first = await StartAsync(actor, middleware);
        var enqueued = await first.EnqueueAsync(new ActorCall("work"), options);
        await _started.AtLeastAsync(1);
        await first.DisposeAsync();

        Assert.Equal([true], _cancelled.All);
        var body = VirtualHost.Json(Assert.Single(await _broker.PeekBodiesAsync("default")));
        Assert.Equal(enqueued.MessageId, body.GetProperty("message_id").GetString());
        Assert.Equal(options, body.GetProperty("options").GetRawText());
        Assert.Empty(_broker.DeadLetters());

        await using var second = await StartAsync(actor: false, middleware: false);
        await _started.AtLeastAsync(2);
        Assert.Equal([(1, 1), (1, 1)], _started.All);
        _release.SetResult();
        await second.JoinAsync();
    }

    [Theory]
    [InlineData("{}", null, false)]
    [InlineData("{\"notify_shutdown\":false}", true, false)]
    [InlineData("{}", false, true)]
    public async Task Message_that_did_not_ask_must_finish_undisturbed(string options, bool? actor, bool middleware)
    {
        var host = await StartAsync(actor, middleware);
        await host.EnqueueAsync(new ActorCall("work"), options);
        await _started.AtLeastAsync(1);
        var stopping = host.DisposeAsync().AsTask();
        await host.Signals.FirstAsync<Signals.BeforeWorkerShutdown>();
        Assert.False(stopping.IsCompleted);
        _release.SetResult();
        await stopping.WaitAsync(Eventually.Patience);

        Assert.Equal([false], _cancelled.All);
        Assert.Equal(0, (await _broker.GetStatsAsync("default", default)).Ready);
    }

    [Fact]
    public async Task Handler_that_fails_of_its_own_while_told_must_be_a_failure()
    {
        var host = await VirtualHost.StartAsync(d => d.AddActor("work", async (CancellationToken token) =>
        {
            _started.Add((0, 0));
            await Task.Delay(Timeout.Infinite, token).ContinueWith(static _ => { }, TaskScheduler.Default);
            throw new InvalidOperationException("not because of the token");
        }, a => a.NotifyShutdown()), clock: _clock, broker: _broker);
        await host.CallAsync("work");
        await _started.AtLeastAsync(1);
        await host.DisposeAsync();

        var retry = VirtualHost.Json(Assert.Single(await _broker.PeekBodiesAsync("default.DQ")));
        Assert.Equal(1, retry.GetProperty("options").GetProperty("retries").GetInt32());
    }

    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Task<VirtualHost> StartAsync(bool? actor, bool middleware) => VirtualHost.StartAsync(
        d => d.AddActor("work", async (MessageContext context, CancellationToken token) =>
        {
            _started.Add((context.DeliveryCount, context.Attempt));
            try
            {
                await _release.Task.WaitAsync(token);
            }
            finally
            {
                _cancelled.Add(token.IsCancellationRequested);
            }
        }, a =>
        {
            if (actor is { } notify)
                a.NotifyShutdown(notify);
        }),
        hocon: "dramatiq.middleware.shutdown-notifications.notify-shutdown = " + (middleware ? "true" : "false"),
        clock: _clock, broker: _broker);
}
