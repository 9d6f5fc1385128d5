using Dramatiq.Akka.Brokers.InMemory;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;

namespace Dramatiq.Akka.Tests.Inspection;

/// <summary>A host with an actor that waits at a gate, one that fails, and one that adds; and its inspection as a service.</summary>
internal sealed class InspectionHost : IAsyncDisposable
{
    private InspectionHost(TestHost host, SemaphoreSlim gate)
    {
        Host = host;
        Gate = gate;
    }

    public TestHost Host { get; }

    public SemaphoreSlim Gate { get; }

    public static async Task<InspectionHost> StartAsync(Action<DramatiqBuilder>? configure = null, InMemoryBroker? broker = null, int workers = 1, int prefetch = 10)
    {
        var gate = new SemaphoreSlim(0);
        var host = await TestHost.StartAsync(d =>
        {
            d.Options.Queues.Workers = workers;
            d.Options.Queues.Prefetch = prefetch;
            d.AddActor("wait", async (string name, CancellationToken cut) => await gate.WaitAsync(cut));
            d.AddActor("fail", (Action<string>)(static why => throw new InvalidOperationException(why)), a => a.MaxRetries(0));
            d.AddActor("add", (int x, int y) => x + y, a => a.Queue("sums").Priority(3));
            configure?.Invoke(d);
        }, broker, static services => services.AddInspection());
        return new InspectionHost(host, gate);
    }

    public Task<TAnswer> AskAsync<TAnswer>(IQuestion<TAnswer> question) => Host.Services.GetRequiredService<IInspection>().AskAsync(question);

    public Task<Enqueued> EnqueueAsync(string actor, object argument, TimeSpan? delay = null) => Host.Queue.EnqueueAsync(new Enqueue(new ActorCall(actor, argument)) { Delay = delay });

    public async Task EnqueueManyAsync(string actor, int count) => await Host.Queue.EnqueueManyAsync(Enumerable.Range(0, count).Select(i => (object)new ActorCall(actor, $"{actor}{i}")));

    /// <summary>Dead letters, in this order.</summary>
    public async Task BuryAsync(params string[] reasons)
    {
        foreach (var reason in reasons)
            await EnqueueAsync("fail", reason);
        await Host.JoinAsync(failFast: false);
    }

    public async Task<InspectionException> RefusedAsync<TAnswer>(IQuestion<TAnswer> question, InspectionFailure failure)
    {
        var error = await Assert.ThrowsAsync<InspectionException>(() => AskAsync(question));
        Assert.Equal(failure, error.Failure);
        return error;
    }

    public async ValueTask DisposeAsync()
    {
        Gate.Release(10_000);
        await Host.DisposeAsync();
        Gate.Dispose();
    }
}
