using Akka.Hosting;
using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Hosting;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Dramatiq.Akka.Tests.Hosting;

public sealed class HostingSpec
{
    private static void Declare(DramatiqBuilder d) => d.AddActor("ok", () => { });

    [Fact]
    public async Task Hocon_of_the_user_must_win_over_the_reference_and_options_over_both()
    {
        await using var host = await TestHost.StartAsync(
            d =>
            {
                Declare(d);
                d.Options.Queues.Prefetch = 11;
            },
            akka: akka => akka.AddHocon("dramatiq.queues.defaults { workers = 3, prefetch = 5 }", HoconAddMode.Append));
        var settings = host.Tasks.Settings.Queue("default").Queue;
        Assert.Equal((3, 11), (settings.Workers, settings.Prefetch));
        Assert.Equal(3, (await host.PoolAsync()).Workers);
    }

    [Fact]
    public async Task Hocon_that_is_prepended_must_win_over_the_reference()
    {
        await using var host = await TestHost.StartAsync(Declare, akka: akka => akka.AddHocon("dramatiq.queues.default.workers = 4", HoconAddMode.Prepend));
        await host.PoolIsIdleAsync(4);
    }

    [Fact]
    public async Task Actor_options_in_hocon_must_win_over_those_in_code()
    {
        await using var host = await TestHost.StartAsync(
            d => d.AddActor("fails", void () => throw new InvalidOperationException("boom"), a => a.MaxRetries(5)),
            akka: akka => akka.AddHocon("dramatiq.actors.fails.max-retries = 0", HoconAddMode.Prepend));
        await host.Queue.EnqueueAsync(new ActorCall("fails"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => host.JoinAsync());
    }

    [Fact]
    public async Task Bad_value_must_stop_the_start_of_the_host()
    {
        var failed = await Assert.ThrowsAnyAsync<Exception>(() => TestHost.StartAsync(Declare, akka: akka => akka.AddHocon("dramatiq.gateway.timeout = soon", HoconAddMode.Prepend)));
        Assert.Contains("dramatiq.gateway.timeout must be a time of 1 ms or more, such as 15s, was 'soon'.", failed.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calling_WithDramatiq_twice_must_stop_the_start_of_the_host()
    {
        var failed = await Assert.ThrowsAnyAsync<Exception>(() => TestHost.StartAsync(Declare, akka: akka => akka.WithDramatiq(Declare)));
        Assert.Contains("WithDramatiq(…) was called twice for one actor system. Declare everything in one call.", failed.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task System_without_WithDramatiq_must_say_so()
    {
        using var system = ActorSystem.Create("bare");
        Assert.Equal("This actor system was started without WithDramatiq(…). Call it in AddAkka(…).", Assert.Throws<DeclarationException>(() => TaskSystem.Get(system)).Message);
        await system.Terminate();
    }

    [Fact]
    public async Task Task_queue_must_say_that_the_host_has_not_started()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddTaskQueue().AddAkka("unstarted", akka => akka.WithDramatiq(Declare));
        using var host = builder.Build();
        var failed = await Assert.ThrowsAsync<EnqueueFailedException>(() => host.Services.GetRequiredService<ITaskQueue>().EnqueueAsync(new ActorCall("ok")));
        Assert.Equal("The queue gateway is not running. Start the host before enqueueing, and call WithDramatiq(…) in AddAkka(…).", failed.Message);
    }

    [Fact]
    public async Task Stopping_the_host_must_drain()
    {
        var entered = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        var finished = false;
        var host = await TestHost.StartAsync(d => d.AddActor("slow", async () =>
        {
            entered.SetResult();
            await gate.Task;
            finished = true;
        }));
        await host.Queue.EnqueueAsync(new ActorCall("slow"));
        await entered.Task;
        var stopping = host.StopAsync();
        await host.Log.OneAsync("Draining: no more messages are taken, and what is in hand has 10 min.");
        Assert.False(stopping.IsCompleted);
        gate.SetResult();
        await stopping.WaitAsync(Eventually.Patience);
        Assert.True(finished);
        await host.DisposeAsync();
    }
}
