using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Workers;

public sealed class StoppedActorsSpec
{
    [Fact]
    public async Task Pool_must_keep_its_size_when_an_idle_worker_is_stopped()
    {
        await using var host = await SurvivalHost.StartAsync(_ => { });
        var worker = await host.Host.ActorAsync("default/workers/worker-1");
        host.Host.System.Stop(worker);
        await host.Log.OneAsync("Queue default: idle worker worker-1 was stopped from outside; a new one takes its place.");
        await host.AssertSurvivedAsync();
    }

    [Fact]
    public async Task Pool_must_keep_its_size_when_every_worker_is_killed()
    {
        await using var host = await SurvivalHost.StartAsync(_ => { }, workers: 5);
        await host.Host.PoolIsIdleAsync(5);
        host.Host.System.ActorSelection("/user/dramatiq/default/workers/*").Tell(Kill.Instance);
        await Eventually.AssertAsync(() => Assert.Equal(5, host.Log.All.Count(line => line.Text.Contains("was stopped from outside; a new one takes its place.", StringComparison.Ordinal))));
        await host.AssertSurvivedAsync();
    }

    [Theory]
    [InlineData("default/workers/worker-1")]
    [InlineData("default/workers")]
    [InlineData("default/delays")]
    [InlineData("default")]
    public async Task Message_in_hand_must_run_again_when_what_runs_it_is_stopped(string path)
    {
        int runs = 0, cancelled = 0;
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await SurvivalHost.StartAsync(d => d.AddActor("slow", async (CancellationToken token) =>
        {
            if (Interlocked.Increment(ref runs) > 1)
                return;

            token.Register(() => Interlocked.Increment(ref cancelled));
            entered.SetResult();
            await Task.Delay(Timeout.Infinite, token);
        }), workers: 1);
        await host.EnqueueAsync(new ActorCall("slow"));
        await host.Host.Queue.EnqueueManyAsync(Enumerable.Repeat<object>(new ActorCall("ok"), 10));
        await entered.Task;

        host.Host.System.Stop(await host.Host.ActorAsync(path));
        await host.AssertSurvivedAsync();

        Assert.Equal(2, runs);
        await Eventually.AssertAsync(() => Assert.Equal(1, cancelled));
        await host.Log.OneAsync(path switch
        {
            "default/workers/worker-1" => "Queue default: worker worker-1 was lost with slow ",
            "default" => "The consumer of queue default was stopped; a new one takes its place.",
            _ => $"Queue default: {path[8..]} was stopped; the consumer starts anew, with everything in hand back in the queue.",
        });
    }

    [Theory]
    [InlineData("default")]
    [InlineData("default.DQ")]
    public async Task Consumer_that_is_killed_must_start_anew(string queue)
    {
        await using var host = await SurvivalHost.StartAsync(_ => { });
        await host.EnqueueAsync(new Enqueue(new ActorCall("ok")) { Delay = TimeSpan.FromMinutes(1) });
        (await host.Host.ActorAsync(queue)).Tell(Kill.Instance);
        await host.AssertSurvivedAsync();
    }

    [Fact]
    public async Task Delayed_messages_must_survive_the_end_of_what_holds_them()
    {
        var runs = 0;
        await using var host = await SurvivalHost.StartAsync(d => d.AddActor("later", () => { Interlocked.Increment(ref runs); }));
        for (var i = 1; i <= 10; i++)
            await host.EnqueueAsync(new Enqueue(new ActorCall("later")) { Delay = TimeSpan.FromMinutes(i) });
        await Eventually.AssertAsync(async () => Assert.Equal(10, (await host.Host.ConsumerAsync("default.DQ")).InFlight));
        host.Host.System.Stop(await host.Host.ActorAsync("default.DQ/delays"));
        await host.Log.OneAsync("Queue default.DQ: delays was stopped; the consumer starts anew, with everything in hand back in the queue.");
        await host.AssertSurvivedAsync();

        Assert.Equal(10, runs);
    }

    [Fact]
    public async Task Orders_must_hold_for_a_consumer_that_starts_anew()
    {
        await using var host = await SurvivalHost.StartAsync(_ => { }, workers: 2);
        await host.Host.Tasks.ScaleWorkersAsync("default", 3);
        await host.Host.Tasks.PauseQueueAsync("default");
        await host.Log.OneAsync("Queue default: paused");
        (await host.Host.ActorAsync("default")).Tell(Kill.Instance);
        await Eventually.AssertAsync(async () => Assert.Equal((Dramatiq.Akka.Consumers.ConsumerState.Paused, 3),
            ((await host.Host.ConsumerAsync()).State, (await host.Host.PoolAsync()).Workers)));
        await host.EnqueueAsync(new ActorCall("ok"));
        await host.Host.Tasks.ResumeQueueAsync("default");
        await host.JoinAsync();
        await host.Host.PoolIsIdleAsync(3);
    }

    [Fact]
    public async Task Thousand_workers_must_run_a_thousand_handlers_at_once()
    {
        var running = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await SurvivalHost.StartAsync(d => d.AddActor("meet", async () =>
        {
            if (Interlocked.Increment(ref running) == 1_000)
                all.SetResult();
            await all.Task;
        }), workers: 1_000);
        await host.Host.Queue.EnqueueManyAsync(Enumerable.Repeat<object>(new ActorCall("meet"), 1_000));
        await all.Task.WaitAsync(Eventually.Patience);
        await host.AssertSurvivedAsync();
    }
}
