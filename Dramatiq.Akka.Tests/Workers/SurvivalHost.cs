using Dramatiq.Akka.Brokers.InMemory;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.Workers;

/// <summary>A host with few workers, virtual time, and an actor "ok" that shows that the pool still works.</summary>
internal sealed class SurvivalHost : IAsyncDisposable
{
    private int _ok;

    private SurvivalHost(TestHost host, FakeTimeProvider clock, int workers)
    {
        Host = host;
        Clock = clock;
        Workers = workers;
    }

    public TestHost Host { get; }

    public FakeTimeProvider Clock { get; }

    public int Workers { get; }

    public LogLines Log => Host.Log;

    public static async Task<SurvivalHost> StartAsync(Action<DramatiqBuilder> configure, int workers = 2, Action<IServiceCollection>? services = null)
    {
        var clock = new FakeTimeProvider();
        SurvivalHost? survival = null;
        var host = await TestHost.StartAsync(
            d =>
            {
                d.TimeProvider = clock;
                d.Options.Queues.Workers = workers;
                d.AddActor("ok", () => { Interlocked.Increment(ref survival!._ok); });
                configure(d);
            },
            new InMemoryBroker(new InMemoryBrokerOptions { TimeProvider = clock }),
            services);
        return survival = new SurvivalHost(host, clock, workers);
    }

    public Task<Enqueued> EnqueueAsync(object task) => Host.Queue.EnqueueAsync(task);

    public Task JoinAsync() => Host.JoinAsync(failFast: false, advance: Clock.Advance);

    /// <summary>The pool has the size it was given, nothing is left in hand, and more messages run.</summary>
    public async Task AssertSurvivedAsync(int deadLetters = 0)
    {
        await JoinAsync();
        await Host.PoolIsIdleAsync(Workers);
        var before = _ok;
        await Host.Queue.EnqueueManyAsync(Enumerable.Repeat<object>(new ActorCall("ok"), 20));
        await JoinAsync();
        await Host.PoolIsIdleAsync(Workers);
        Assert.Equal(before + 20, _ok);
        Assert.Equal(deadLetters, Host.Broker.DeadLetters("default").Count);
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
