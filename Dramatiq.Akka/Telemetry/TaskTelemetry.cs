using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Messages;
using Microsoft.Extensions.Logging;

namespace Dramatiq.Akka.Telemetry;

/// <summary>
/// The instruments of one task system. An instrument's name is the name that Dramatiq has for it in Prometheus, whole, so that it comes out the same under every exporter: one that adds
/// units and <c>_total</c> finds them there already.
/// </summary>
internal sealed class TaskTelemetry : IDisposable
{
    private static readonly double[] MessageBuckets =
        [5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000, 30_000, 60_000, 600_000, 900_000];

    private static readonly double[] StageBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 50, 100, 500, 1_000, 10_000, 60_000];

    private readonly ConcurrentDictionary<WorkerTelemetry, bool> _workers = new();
    private readonly List<ActorTelemetry> _actors = [];
    private readonly Meter? _owned;

    public TaskTelemetry(IServiceProvider services, TimeProvider time)
    {
        Time = time;
        Log = (services.GetService(typeof(ILoggerFactory)) as ILoggerFactory)?.CreateLogger("Dramatiq.Akka.Handlers");
        var meter = services.GetService(typeof(IMeterFactory)) is IMeterFactory factory
            ? factory.Create(new MeterOptions(DramatiqTelemetry.MeterName))
            : _owned = new Meter(DramatiqTelemetry.MeterName);
        meter.CreateObservableCounter("dramatiq_messages_total", () => Counts(static actor => actor.Messages), description: "Messages processed, failed and skipped ones included.");
        meter.CreateObservableCounter("dramatiq_message_errors_total", () => Counts(static actor => actor.Errors), description: "Attempts that failed.");
        meter.CreateObservableCounter("dramatiq_message_retries_total", () => Counts(static actor => actor.Retries), description: "Retries that the broker has confirmed.");
        Rejects = meter.CreateCounter<long>("dramatiq_message_rejects_total", description: "Messages that became dead letters.");
        Abandoned = meter.CreateCounter<long>("dramatiq_handlers_abandoned_total", description: "Handlers that did not heed their cancelled token, and were replaced.");
        Durations = meter.CreateHistogram("dramatiq_message_duration_milliseconds", "ms", "How long messages took in a worker.", null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = MessageBuckets });
        StageDurations = meter.CreateHistogram("dramatiq_stage_duration_milliseconds", "ms", "How long messages took in each stage, mailbox included.", null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = StageBuckets });
        meter.CreateObservableUpDownCounter("dramatiq_messages_inprogress", InProgress, description: "Messages that workers have in hand.");
        meter.CreateObservableUpDownCounter("dramatiq_delayed_messages_inprogress", Delayed, description: "Messages that wait in this process for their eta.");
        Queues = new QueueReadings(meter);
    }

    public TimeProvider Time { get; }

    /// <summary>The logger whose scopes surround handlers; null where the application has no logging.</summary>
    public ILogger? Log { get; }

    public Counter<long> Rejects { get; }

    public Counter<long> Abandoned { get; }

    public Histogram<double> Durations { get; }

    public Histogram<double> StageDurations { get; }

    public QueueReadings Queues { get; }

    /// <summary>For messages of which nobody here knows the actor: their names come from outside, and each would be a series of its own for ever.</summary>
    public ActorTelemetry Unknown => field ??= new ActorTelemetry("unknown", "unknown", this);

    /// <summary>Called while actors are declared, by one thread.</summary>
    public ActorTelemetry Declare(string queue, string actor, bool runsHere)
    {
        var telemetry = new ActorTelemetry(queue, actor, this);
        if (runsHere)
            _actors.Add(telemetry);
        return telemetry;
    }

    public ActorTelemetry Of(Message? message, Declarations declarations) =>
        message is not null && declarations.TryGet(message.ActorName, out var actor) ? actor.Telemetry : Unknown;

    public void Add(WorkerTelemetry worker) => _workers.TryAdd(worker, true);

    public void Remove(WorkerTelemetry worker) => _workers.TryRemove(worker, out _);

    /// <summary>Tells the histogram what workers have kept back. Nothing of it belongs to the trace of who asks.</summary>
    public void TellDurations()
    {
        var span = Activity.Current;
        Activity.Current = null;
        try
        {
            foreach (var worker in _workers.Keys)
                worker.Tell();
        }
        finally
        {
            Activity.Current = span;
        }
    }

    /// <summary>A meter of its own ends here; one from the application's factory ends with that.</summary>
    public void Dispose() => _owned?.Dispose();

    // Told when asked, since a listener that is told of each message costs far more than the count.
    private IEnumerable<Measurement<long>> Counts(Func<ActorTelemetry, long> count)
    {
        foreach (var actor in _actors)
            yield return new Measurement<long>(count(actor), actor.Tags);
    }

    // Counted when asked, so that a message costs one write, and a listener that comes late sees the truth. Whoever collects asks before it reads the histograms: these are told now.
    private IEnumerable<Measurement<long>> InProgress()
    {
        TellDurations();
        var busy = new Dictionary<ActorTelemetry, long>();
        foreach (var worker in _workers.Keys)
        {
            if (worker.InHand is { } actor)
                busy[actor] = busy.GetValueOrDefault(actor) + 1;
        }

        foreach (var actor in _actors)
            yield return new Measurement<long>(busy.GetValueOrDefault(actor), actor.Tags);
    }

    private IEnumerable<Measurement<long>> Delayed()
    {
        foreach (var actor in _actors)
            yield return new Measurement<long>(actor.Delayed, actor.Tags);
        if (Unknown.Delayed > 0)
            yield return new Measurement<long>(Unknown.Delayed, Unknown.Tags);
    }
}
