using Akka.Hosting;
using Dramatiq.Akka.Brokers.InMemory;
using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Hosting;
using Dramatiq.Akka.Workers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dramatiq.Akka.Tests.EndToEnd;

/// <summary>A real host around a real actor system on an in-memory broker, with what it logged.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    /// <summary>An answer may be lost with the actor that is asked, so this leaves time for whoever asks again.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private readonly IHost _host;

    private TestHost(IHost host, InMemoryBroker broker, LogLines log)
    {
        _host = host;
        Broker = broker;
        Log = log;
    }

    public InMemoryBroker Broker { get; }

    public LogLines Log { get; }

    public ActorSystem System => _host.Services.GetRequiredService<ActorSystem>();

    public TaskSystem Tasks => TaskSystem.Get(System);

    public ITaskQueue Queue => _host.Services.GetRequiredService<ITaskQueue>();

    public IActorRef Gateway => _host.Services.GetRequiredService<IRequiredActor<QueueGateway>>().ActorRef;

    public IServiceProvider Services => _host.Services;

    public static async Task<TestHost> StartAsync(
        Action<DramatiqBuilder> configure,
        InMemoryBroker? broker = null,
        Action<IServiceCollection>? services = null,
        Action<AkkaConfigurationBuilder>? akka = null)
    {
        var log = new LogLines();
        var memory = broker ?? new InMemoryBroker();
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(log);
        builder.Services.AddTaskQueue();
        services?.Invoke(builder.Services);
        builder.Services.AddAkka("test", system =>
        {
            system.ConfigureLoggers(loggers =>
            {
                loggers.ClearLoggers();
                loggers.AddLoggerFactory();
            });
            system.WithDramatiq(configure).WithInMemoryBroker(memory);
            akka?.Invoke(system);
        });
        var host = builder.Build();
        try
        {
            await host.StartAsync();
        }
        catch
        {
            host.Dispose();
            throw;
        }

        return new TestHost(host, memory, log);
    }

    public Task StopAsync() => _host.StopAsync();

    public Task JoinAsync(string queue = "default", bool failFast = true, Action<TimeSpan>? advance = null) =>
        Broker.JoinAsync(queue, Eventually.Patience, failFast, advance);

    public async Task<WorkerPool.Snapshot> PoolAsync(string queue = "default") =>
        await (await ActorAsync(queue + "/workers")).Ask<WorkerPool.Snapshot>(WorkerPool.GetSnapshot.Instance, Soon);

    public async Task<QueueConsumer.Snapshot> ConsumerAsync(string queue = "default") =>
        await (await ActorAsync(queue)).Ask<QueueConsumer.Snapshot>(QueueConsumer.GetSnapshot.Instance, Soon);

    /// <summary>The actor at this path under /user/dramatiq, once it is there: a host has started before every worker has.</summary>
    public async Task<IActorRef> ActorAsync(string path)
    {
        var found = ActorRefs.Nobody as IActorRef;
        await Eventually.AssertAsync(async () => found = await System.ActorSelection("/user/dramatiq/" + path).ResolveOne(Soon));
        return found;
    }

    /// <summary>Waits until the pool of the queue has as many workers as it should, and none of them is busy.</summary>
    public Task PoolIsIdleAsync(int workers, string queue = "default") =>
        Eventually.AssertAsync(async () => Assert.Equal((workers, 0, 0), await PoolAsync(queue) is var pool ? (pool.Workers, pool.Busy, pool.Waiting) : default));

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _host.StopAsync().WaitAsync(Eventually.Patience);
        }
        catch (TimeoutException)
        {
            // A test that failed halfway leaves a drain that never ends: its own failure is what matters.
            Console.Error.WriteLine("A host did not stop in time. It logged:\n" + string.Join('\n', Log.All));
            return;
        }

        _host.Dispose();
    }
}
