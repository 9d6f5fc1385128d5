namespace Dramatiq.Akka.Tests.Workers;

public sealed class StoppedHandlerSpec
{
    public sealed record Die(string How);

    private sealed class Mortal : TaskActor
    {
        public Mortal(Counter counter)
        {
            Receive<Die>(task =>
            {
                counter.Add();
                switch (task.How)
                {
                    case "kill": Self.Tell(Kill.Instance); break;
                    case "poison": Self.Tell(PoisonPill.Instance); break;
                    case "stop": Context.Stop(Self); break;
                }
            });
        }
    }

    private sealed class MortalInTheMidst : TaskActor
    {
        public MortalInTheMidst(TaskCompletionSource never) => ReceiveAsync<Die>(async _ =>
        {
            Context.Stop(Self);
            await never.Task;
        });
    }

    private sealed class DeadBeforeItBegins : TaskActor
    {
        public DeadBeforeItBegins() => Receive<Die>(_ => { });

        protected override void PreStart() => Context.Stop(Self);
    }

    public sealed class Counter
    {
        private int _count;

        public int Count => _count;

        public void Add() => Interlocked.Increment(ref _count);
    }

    [Theory]
    [InlineData("kill")]
    [InlineData("poison")]
    [InlineData("stop")]
    public async Task Handler_that_ends_its_own_actor_must_harm_no_other_message(string how)
    {
        var counter = new Counter();
        await using var host = await SurvivalHost.StartAsync(
            d => d.AddActor<Mortal>(a => a.Handles<Die>(o => o.MaxRetries(0))), workers: 1, services => services.Add(counter));
        await host.Host.Queue.EnqueueManyAsync(Enumerable.Repeat<object>(new Die(how), 30));
        await host.AssertSurvivedAsync();

        Assert.Equal(30, counter.Count);
    }

    [Fact]
    public async Task Handler_that_stops_its_actor_in_the_midst_must_fail_its_message()
    {
        await using var host = await SurvivalHost.StartAsync(
            d => d.AddActor<MortalInTheMidst>(a => a.Handles<Die>(o => o.MaxRetries(0))), services: services => services.Add(new TaskCompletionSource()));
        var sent = await host.EnqueueAsync(new Die("midst"));
        await host.AssertSurvivedAsync(deadLetters: 1);

        Assert.IsType<HandlerStoppedException>(host.Host.Broker.DeadLetters("default")[0].Cause);
        await host.Log.OneAsync($"die {sent.MessageId} on default went to default.XQ: attempt 1 was the last: HandlerStoppedException: 'die': the Akka actor 'MortalInTheMidst-");
    }

    [Fact]
    public async Task Handler_that_never_begins_must_fail_its_message_and_not_be_built_for_ever()
    {
        await using var host = await SurvivalHost.StartAsync(d => d.AddActor<DeadBeforeItBegins>(a => a.Handles<Die>(o => o.MaxRetries(0))));
        await host.EnqueueAsync(new Die("before"));
        await host.AssertSurvivedAsync(deadLetters: 1);

        Assert.IsType<HandlerStoppedException>(host.Host.Broker.DeadLetters("default")[0].Cause);
    }

    [Fact]
    public async Task Message_that_keeps_ending_its_worker_must_be_dead_lettered()
    {
        var counter = new Counter();
        await using var host = await SurvivalHost.StartAsync(
            d =>
            {
                d.Options.MaxDeliveries = 3;
                d.AddActor<Endless>(a => a.Handles<Die>());
            }, services: services => services.Add(counter));
        var sent = await host.EnqueueAsync(new Die("parent"));
        await host.AssertSurvivedAsync(deadLetters: 1);

        Assert.Equal(3, counter.Count);
        await host.Log.OneAsync(
            $"die {sent.MessageId} on default went to default.XQ: it was handed to a worker 3 times without coming to an end (max-deliveries is 3); it seems to bring its worker down");
    }

    private sealed class Endless : TaskActor
    {
        public Endless(Counter counter) => ReceiveAsync<Die>(async _ =>
        {
            counter.Add();
            Context.Stop(Context.Parent);
            await Task.Delay(Timeout.Infinite, Cancellation);
        });
    }
}

internal static class ServiceInstances
{
    public static void Add<T>(this Microsoft.Extensions.DependencyInjection.IServiceCollection services, T instance) where T : class =>
        services.Add(Microsoft.Extensions.DependencyInjection.ServiceDescriptor.Singleton(instance));
}
