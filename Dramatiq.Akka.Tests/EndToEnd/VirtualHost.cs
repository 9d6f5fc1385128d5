using System.Text;
using System.Text.Json;
using Akka.Hosting;
using Dramatiq.Akka.Brokers.InMemory;
using Dramatiq.Akka.Messages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.EndToEnd;

/// <summary>A host whose clock jumps over delays, with its signals.</summary>
internal sealed class VirtualHost : IAsyncDisposable
{
    private VirtualHost(FakeTimeProvider clock, TestHost host, SignalLog signals)
    {
        Clock = clock;
        Host = host;
        Signals = signals;
    }

    public FakeTimeProvider Clock { get; }

    public TestHost Host { get; }

    public SignalLog Signals { get; }

    public InMemoryBroker Broker => Host.Broker;

    public LogLines Log => Host.Log;

    public long NowMs => Clock.GetUtcNow().ToUnixTimeMilliseconds();

    public static async Task<VirtualHost> StartAsync(
        Action<DramatiqBuilder> configure,
        Action<IServiceCollection>? services = null,
        string hocon = "",
        FakeTimeProvider? clock = null,
        InMemoryBroker? broker = null,
        double? jitter = 0,
        Action<AkkaConfigurationBuilder>? akka = null)
    {
        clock ??= new FakeTimeProvider();
        var signals = new SignalLog();
        var host = await TestHost.StartAsync(
            d =>
            {
                d.TimeProvider = clock;
                if (jitter is { } always)
                    d.Random = new FixedRandom(always);
                d.Options.Queues.Workers = 2;
                d.AddMiddleware(signals);
                configure(d);
            },
            broker ?? NewBroker(clock),
            services,
            system =>
            {
                system.AddHocon(hocon, HoconAddMode.Prepend);
                akka?.Invoke(system);
            });
        return new VirtualHost(clock, host, signals);
    }

    public static InMemoryBroker NewBroker(FakeTimeProvider clock) =>
        new(new InMemoryBrokerOptions { TimeProvider = clock, DeadMessageTtl = Timeout.InfiniteTimeSpan });

    public static MessageOptions Options(string json) => MessageOptions.Decode(Encoding.UTF8.GetBytes(json));

    public Task<Enqueued> EnqueueAsync(object task, string options = "{}") =>
        Host.Queue.EnqueueAsync(new Enqueue(task) { Options = Options(options) });

    public Task<Enqueued> CallAsync(string actor, params object?[] args) => EnqueueAsync(new ActorCall(actor, args));

    public Task JoinAsync(string queue = "default", bool failFast = true) => Host.JoinAsync(queue, failFast, Clock.Advance);

    /// <summary>Enqueues, and waits until all is done.</summary>
    public async Task RunAsync(object task, string options = "{}", bool failFast = true)
    {
        await EnqueueAsync(task, options);
        await JoinAsync(failFast: failFast);
    }

    /// <summary>The only dead letter's JSON.</summary>
    public JsonElement DeadLetter(string queue = "default") => Json(Assert.Single(Broker.DeadLetters(queue)).Body);

    public JsonElement DeadNote(string queue = "default") => DeadLetter(queue).GetProperty("options").GetProperty("dead_letter");

    public static JsonElement Json(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        return document.RootElement.Clone();
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    private sealed class FixedRandom(double value) : Random
    {
        public override double NextDouble() => value;
    }
}
