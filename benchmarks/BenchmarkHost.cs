using Akka.Hosting;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Brokers.InMemory;
using Dramatiq.Akka.Hosting;
using Dramatiq.Akka.Messages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dramatiq.Akka.Benchmarks;

/// <summary>A host on the broker under test, with one queue.</summary>
internal sealed class BenchmarkHost : IAsyncDisposable
{
    /// <summary>Of this run's own, so that nothing of an earlier one is in it.</summary>
    public static string Queue { get; private set; } = "bench_" + Guid.NewGuid().ToString("N");

    private readonly IHost _host;

    private readonly string _broker;

    private BenchmarkHost(IHost host, string broker)
    {
        _host = host;
        _broker = broker;
    }

    public TaskSystem Tasks => TaskSystem.Get(System);

    public ActorSystem System => _host.Services.GetRequiredService<ActorSystem>();

    public IServiceProvider Services => _host.Services;

    public ITaskQueue TaskQueue => Tasks.Queue;

    /// <summary>Uses the queue of the run that this process is a part of.</summary>
    public static void Join(string queue) => Queue = queue;

    /// <param name="options">What to run on.</param>
    /// <param name="actor">The actor.</param>
    /// <param name="handler">What it does; null where another process runs it.</param>
    /// <param name="configure">What else to declare.</param>
    public static async Task<BenchmarkHost> StartAsync(WorkOptions options, string actor, Delegate? handler, Action<DramatiqBuilder>? configure = null)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddAkka("benchmarks", akka =>
        {
            akka.AddHocon("akka { loglevel = OFF, stdout-loglevel = OFF }", HoconAddMode.Prepend);
            akka.WithDramatiq(d =>
            {
                d.Options.Queues.Workers = options.Concurrency;
                d.Options.Queues.Prefetch = Math.Max(256, 2 * options.Concurrency);
                if (handler is null)
                    d.AddRemoteActor(actor, Queue);
                else
                    d.AddActor(actor, handler, static o => o.Queue(Queue));
                configure?.Invoke(d);
                if (options.Broker == "memory")
                    d.UseBroker(static _ => new InMemoryBroker());
            });
            if (options.Broker.StartsWith("amqp", StringComparison.Ordinal))
                akka.WithRabbitMq(options.Broker);
            else if (options.Broker.StartsWith("redis", StringComparison.Ordinal))
                akka.WithRedis(options.Broker);
            else if (options.Broker != "memory")
                throw new ArgumentException($"Broker '{options.Broker}' is not known here. Known: memory, amqp://…, redis://….");
        });
        var host = builder.Build();
        await host.StartAsync();
        return new BenchmarkHost(host, options.Broker);
    }

    /// <summary>Fills the queue past the gateway, while nobody takes from it.</summary>
    public async Task FillAsync(string actor, int messages)
    {
        await Tasks.Broker.DeclareQueueAsync(Queue, CancellationToken.None);
        var batch = new List<Publication>(1_000);
        for (var i = 0; i < messages; i++)
        {
            batch.Add(new Publication(new Message(Queue, actor, global::System.Text.Encoding.ASCII.GetBytes($"[{i}]"), "{}"u8.ToArray(), MessageOptions.Empty, Message.NewId(), 1_795_354_555_834), null));
            if (batch.Count == batch.Capacity || i == messages - 1)
            {
                if (!(await Tasks.Broker.PublishAsync(batch, CancellationToken.None)).AllConfirmed)
                    throw new InvalidOperationException("The broker did not confirm.");
                batch.Clear();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        if (!_broker.StartsWith("amqp", StringComparison.Ordinal))
            return;

        await using var connection = await new RabbitMQ.Client.ConnectionFactory { Uri = new Uri(_broker) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        foreach (var queue in new[] { Queue, QueueName.Delay(Queue), QueueName.Dead(Queue) })
            await channel.QueueDeleteAsync(queue, ifUnused: false, ifEmpty: false);
    }
}
