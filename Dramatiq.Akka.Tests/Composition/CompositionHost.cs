using Akka.Hosting;
using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.RateLimits;
using Dramatiq.Akka.Results;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.Composition;

/// <summary>A host in virtual time with stores of results and counters, and the actors that compositions are made of here.</summary>
internal sealed class CompositionHost : IAsyncDisposable
{
    private CompositionHost(VirtualHost host, InMemoryRateLimiterBackend counters, InMemoryResultBackend results, Feed<string> seen, Feed<Message> taken)
    {
        Virtual = host;
        Counters = counters;
        Results = results;
        Seen = seen;
        Taken = taken;
    }

    public VirtualHost Virtual { get; }

    public InMemoryRateLimiterBackend Counters { get; }

    public InMemoryResultBackend Results { get; }

    /// <summary>What <c>say</c> was given, as JSON.</summary>
    public Feed<string> Seen { get; }

    /// <summary>Every message that a worker took, as it was delivered.</summary>
    public Feed<Message> Taken { get; }

    public ITaskQueue Queue => Virtual.Host.Queue;

    public static async Task<CompositionHost> StartAsync(Action<DramatiqBuilder>? configure = null, string hocon = "", Action<IServiceCollection>? services = null,
        Func<IRateLimiterBackend, IRateLimiterBackend>? store = null)
    {
        var clock = new FakeTimeProvider();
        var counters = new InMemoryRateLimiterBackend(clock);
        var results = new InMemoryResultBackend(clock);
        var seen = new Feed<string>();
        var taken = new Feed<Message>();
        var host = await VirtualHost.StartAsync(
            d =>
            {
                d.AddActor("add", (long x, long y) => x + y, static a => a.StoreResults());
                d.AddActor("twice", (long x) => 2 * x, static a => a.StoreResults());
                d.AddActor("sum", (List<long> numbers) => numbers.Sum(), static a => a.StoreResults());
                d.AddActor("echo", (JsonText value) => value, static a => a.StoreResults());
                d.AddActor("say", (params JsonText[] values) => seen.Add(string.Join(' ', values)));
                d.AddActor("fail", void (JsonText text) => throw new InvalidOperationException(text.ToString().Trim('"')), static a => a.MaxRetries(0).StoreResults());
                d.AddActor("skip", static () => { }, static a => a.Option("skipped", true));
                d.AddMiddleware(new Skipping());
                d.AddMiddleware(new Recording(taken), before: "GroupCallbacks");
                configure?.Invoke(d);
            },
            services,
            hocon,
            clock,
            akka: akka => akka.WithInMemoryResults(results).AddSetup(new RateLimitsSetup(_ => store is null ? counters : store(counters), isOwned: false)));
        return new CompositionHost(host, counters, results, seen, taken);
    }

    /// <summary>Runs it, and waits until nothing is left to do.</summary>
    public async Task<PipelineRun> RunAsync(Pipeline pipeline, bool failFast = true)
    {
        var run = await Queue.RunAsync(pipeline);
        await Virtual.JoinAsync(failFast: failFast);
        return run;
    }

    /// <summary>Runs it, and waits until nothing is left to do.</summary>
    public async Task<GroupRun> RunAsync(Group group, bool failFast = true)
    {
        var run = await Queue.RunAsync(group);
        await Virtual.JoinAsync(failFast: failFast);
        return run;
    }

    public static ActorCall Add(params object[] args) => new("add", args);

    public static ActorCall Twice(params object[] args) => new("twice", args);

    public static ActorCall Say(params object[] args) => new("say", args);

    public static ActorCall Fail(string text) => new("fail", text);

    public ValueTask DisposeAsync() => Virtual.DisposeAsync();

    private sealed class Recording(Feed<Message> taken) : Middleware
    {
        public override Props ProcessingStage => Props.Create(() => new RecordingStage(taken));
    }

    private sealed class RecordingStage(Feed<Message> taken) : Stage
    {
        protected override void Before(MessageContext context)
        {
            taken.Add(context.Message);
            Pass(context);
        }
    }

    /// <summary>Skips the messages of an actor that says so.</summary>
    private sealed class Skipping : Middleware
    {
        public override IReadOnlyList<ActorOption> Options { get; } = [ActorOption.Flag("skipped")];

        public override Props ProcessingStage => Props.Create(() => new SkippingStage());

        public override bool IsNeededBy(DeclaredActor actor) => actor.Option("skipped", false);
    }

    private sealed class SkippingStage : Stage
    {
        protected override void Before(MessageContext context) => Skip(context, "it is to be skipped");
    }
}
