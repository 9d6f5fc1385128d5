using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Telemetry;

/// <summary>What consumers, pools and the broker said when they were last asked. Written by <see cref="QueueTelemetryActor"/>, read by whoever collects the metrics.</summary>
internal sealed class QueueReadings
{
    private readonly ConcurrentDictionary<string, QueueConsumer.Snapshot> _consumers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, WorkerPool.Snapshot> _pools = new(StringComparer.Ordinal);
    private readonly Instrument[] _ofConsumers;
    private readonly Instrument[] _ofBroker;
    private volatile BrokerReading _broker = new([], default);

    public QueueReadings(Meter meter)
    {
        _ofConsumers =
        [
            meter.CreateObservableUpDownCounter("dramatiq_consumer_messages_inflight", InFlight, description: "Deliveries that a consumer of this process has not settled."),
            meter.CreateObservableCounter("dramatiq_consumer_reconnects_total", Reconnects, description: "How often a consumer of this process has lost the broker."),
            meter.CreateObservableUpDownCounter("dramatiq_workers", Workers, description: "Workers of this process by what they do."),
        ];
        _ofBroker =
        [
            meter.CreateObservableGauge("dramatiq_queue_messages", Depths, description: "Messages that the broker holds, for all processes."),
            meter.CreateObservableGauge("dramatiq_queue_oldest_age_seconds", Ages, "s", "How long ago the message that is next in turn was made."),
        ];
    }

    public bool AreConsumersAsked => IsAsked(_ofConsumers);

    public bool IsBrokerAsked => IsAsked(_ofBroker);

    public void Take(QueueConsumer.Snapshot consumer) => _consumers[consumer.Queue] = consumer;

    public void Take(string queue, WorkerPool.Snapshot pool) => _pools[queue] = pool;

    /// <summary>Takes the place of all that the broker said before: of a queue that it says nothing of now, nothing is known.</summary>
    public void Take(IReadOnlyList<QueueStats> queues, DateTimeOffset at) => _broker = new BrokerReading(queues, at);

    private static bool IsAsked(Instrument[] instruments)
    {
        foreach (var instrument in instruments)
            if (instrument.Enabled)
                return true;
        return false;
    }

    private IEnumerable<Measurement<long>> InFlight() => _consumers.Values.Select(static consumer => new Measurement<long>(consumer.InFlight, Queue(consumer.Queue)));

    private IEnumerable<Measurement<long>> Reconnects() => _consumers.Values.Select(static consumer => new Measurement<long>(consumer.Reconnects, Queue(consumer.Queue)));

    private IEnumerable<Measurement<long>> Workers()
    {
        foreach (var (queue, pool) in _pools)
        {
            yield return new(pool.Busy, Queue(queue), State("busy"));
            yield return new(Math.Max(0, pool.Workers - pool.Busy), Queue(queue), State("idle"));
            yield return new(pool.Abandoned, Queue(queue), State("abandoned"));
        }
    }

    private IEnumerable<Measurement<long>> Depths()
    {
        foreach (var queue in _broker.Queues)
        {
            // What a broker cannot tell is not there, rather than 0.
            if ((long?)queue.Ready is { } ready)
                yield return new(ready, Queue(queue.Queue), State("ready"));
            if ((long?)queue.Delayed is { } delayed)
                yield return new(delayed, Queue(queue.Queue), State("delayed"));
            if ((long?)queue.InFlight is { } inFlight)
                yield return new(inFlight, Queue(queue.Queue), State("inflight"));
            if ((long?)queue.Dead is { } dead)
                yield return new(dead, Queue(queue.Queue), State("dead"));
        }
    }

    private IEnumerable<Measurement<double>> Ages()
    {
        var (queues, at) = _broker;
        foreach (var queue in queues)
            if (queue.OldestReady is { } made)
                yield return new(Math.Max(0, (at - made).TotalSeconds), Queue(queue.Queue));
    }

    private static KeyValuePair<string, object?> Queue(string queue) => new("queue_name", queue);

    private static KeyValuePair<string, object?> State(string state) => new("state", state);

    private sealed record BrokerReading(IReadOnlyList<QueueStats> Queues, DateTimeOffset At);
}
