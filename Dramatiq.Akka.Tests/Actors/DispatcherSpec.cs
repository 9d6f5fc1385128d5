using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Actors;

public sealed class DispatcherSpec
{
    private const string Blocking = "dramatiq.blocking-dispatcher";
    private const int AtOnce = 24;

    [Fact]
    public async Task Blocking_handlers_must_run_at_once_on_threads_of_their_own()
    {
        // Each blocks until all of them have begun. The thread pool would come to that too, in the end, so none may run on one of its threads.
        using var together = new Barrier(AtOnce);
        var alone = 0;
        await using var host = await TestHost.StartAsync(d =>
        {
            d.Options.Queues.Workers = AtOnce;
            d.AddActor("meet", () =>
            {
                if (Thread.CurrentThread.IsThreadPoolThread || !together.SignalAndWait(TimeSpan.FromSeconds(45)))
                    Interlocked.Increment(ref alone);
            }, a => a.OnDispatcher(Blocking));
        });

        await host.Queue.EnqueueManyAsync(Enumerable.Repeat<object>(new ActorCall("meet"), AtOnce));
        await host.JoinAsync();

        Assert.Equal(0, alone);
    }

    [Fact]
    public async Task Dispatcher_that_is_not_configured_must_stop_the_start()
    {
        var error = await Assert.ThrowsAsync<DeclarationException>(() => TestHost.StartAsync(d => d.AddActor("meet", () => { }, a => a.OnDispatcher("nowhere"))));

        Assert.Equal("'meet' is to run on dispatcher 'nowhere', which is not configured. Give the path of its section in HOCON, or use dramatiq.blocking-dispatcher.", error.Message);
    }

    [Fact]
    public async Task Dispatcher_of_one_task_of_a_class_must_be_refused()
    {
        var error = await Assert.ThrowsAsync<DeclarationException>(() => TestHost.StartAsync(d => d.AddActor<Sleeper>(a => a.Handles<Sleep>(o => o.OnDispatcher(Blocking)))));

        Assert.Equal("Sleeper: a dispatcher is set for task Sleep alone. It holds for the whole class: AddActor<Sleeper>(a => a.OnDispatcher(…)).", error.Message);
    }

    [Fact]
    public async Task Task_actor_must_run_on_its_dispatcher()
    {
        var thread = new TaskCompletionSource<string?>();
        await using var host = await TestHost.StartAsync(
            d => d.AddActor<Sleeper>(a => a.Handles<Sleep>().OnDispatcher(Blocking)), services: services => services.Add(new(typeof(TaskCompletionSource<string?>), thread)));

        await host.Queue.EnqueueAsync(new Sleep());
        await host.JoinAsync();

        Assert.Contains("blocking-dispatcher", await thread.Task);
    }

    private sealed record Sleep;

    private sealed class Sleeper : TaskActor
    {
        public Sleeper(TaskCompletionSource<string?> thread) => Receive<Sleep>(_ => thread.SetResult(Thread.CurrentThread.Name));
    }
}
