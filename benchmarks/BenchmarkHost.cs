using Akka.Hosting;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Brokers.InMemory;
using Dramatiq.Akka.Brokers.Redis;
using Dramatiq.Akka.Hosting;
using Dramatiq.Akka.Messages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dramatiq.Akka.Benchmarks;

/// <summary>A host on the broker under test, with one queue named <c>bench</c>.</summary>
internal sealed class BenchmarkHost : IAsyncDisposable
{
    public const string Queue = "bench";

    private readonly IHost _host;

    private BenchmarkHost(IHost host) => _host = host;

    public TaskSystem Tasks => TaskSystem.Get(_host.Services.GetRequiredService<ActorSystem>());

    public ITaskQueue TaskQueue => Tasks.Queue;

    public static async Task<BenchmarkHost> StartAsync(WorkOptions options, string actor, Delegate handler)
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
                d.AddActor(actor, handler, static o => o.Queue(Queue));
                d.UseBroker(_ => Create(options.Broker));
            });
        });
        var host = builder.Build();
        await host.StartAsync();
        return new BenchmarkHost(host);
    }

    /// <summary>Fills the queue past the gateway, while nobody takes from it.</summary>
    public async Task FillAsync(string actor, int messages)
    {
        var batch = new List<Publication>(1_000);
        for (var i = 0; i < messages; i++)
        {
            batch.Add(new Publication(new Message(Queue, actor, System.Text.Encoding.ASCII.GetBytes($"[{i}]"), "{}"u8.ToArray(), MessageOptions.Empty, Message.NewId(), 1_795_354_555_834), null));
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
    }

    private static IBroker Create(string url) => url switch
    {
        "memory" => new InMemoryBroker(),
        _ when url.StartsWith("redis", StringComparison.Ordinal) => new RedisBroker(new RedisOptions { Url = url }),
        _ => throw new ArgumentException($"Broker '{url}' is not known here. Known: memory, redis://…"),
    };
}
