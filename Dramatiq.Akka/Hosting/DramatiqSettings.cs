using Akka.Configuration;
using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Enqueueing;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Hosting;

/// <summary>Everything under <c>dramatiq</c>, read and checked once while the host starts.</summary>
internal sealed class DramatiqSettings
{
    private const int MostPrefetch = 65_535;
    private const int MostWorkers = 100_000;
    private readonly ConfigurationReader _reader;
    private readonly int _maxDeliveries;
    private readonly TimeSpan _reconnectMin;
    private readonly TimeSpan _reconnectMax;

    public DramatiqSettings(Config config)
    {
        _reader = new ConfigurationReader(config, "dramatiq");
        _maxDeliveries = _reader.Whole("consumer.max-deliveries", 1);
        _reconnectMin = _reader.Duration("consumer.reconnect-min", TimeSpan.FromMilliseconds(1));
        _reconnectMax = _reader.Duration("consumer.reconnect-max", _reconnectMin);
        var retryMin = _reader.Duration("gateway.retry-min", TimeSpan.FromMilliseconds(1));
        Gateway = new GatewaySettings(
            _reader.Whole("gateway.max-pending", 1),
            _reader.Bytes("gateway.max-pending-bytes"),
            _reader.Whole("gateway.batch-size", 1),
            _reader.Whole("gateway.max-batches", 1),
            _reader.Duration("gateway.timeout", TimeSpan.FromMilliseconds(1)),
            retryMin,
            _reader.Duration("gateway.retry-max", retryMin));
        MaxAgeMs = _reader.Duration("middleware.age-limit.max-age").TotalMilliseconds;
        TimeLimitMs = _reader.DurationOrInfinite("middleware.time-limit.time-limit");
        TimeLimitGrace = _reader.Duration("middleware.time-limit.grace");
        NotifyShutdown = _reader.Flag("middleware.shutdown-notifications.notify-shutdown");
        Retries = new RetriesSettings(
            _reader.WholeOr("middleware.retries.max-retries", 0, "unlimited"),
            _reader.Duration("middleware.retries.min-backoff").TotalMilliseconds,
            _reader.Duration("middleware.retries.max-backoff").TotalMilliseconds,
            null,
            null);
        ActorOptions = _reader.Keys("actors").ToDictionary(static name => name, name => _reader.Texts("actors." + Quoted(name)), StringComparer.Ordinal);
        Inspection = new InspectionSettings(
            _reader.Duration("inspection.timeout", TimeSpan.FromMilliseconds(1)),
            _reader.Duration("inspection.traffic-interval", TimeSpan.FromMilliseconds(100)),
            _reader.Text("inspection.lives.store") switch
            {
                "off" => LifeStoreKind.Off,
                "memory" => LifeStoreKind.Memory,
                "broker" => LifeStoreKind.Broker,
                var other => throw _reader.Unusable("inspection.lives.store", "off, memory or broker", other),
            },
            _reader.Duration("inspection.lives.ttl", TimeSpan.FromSeconds(1)));
        ShutdownDeadline = _reader.Duration("shutdown.deadline");
        ConfiguredQueues = [.. _reader.Keys("queues").Where(static name => name != "defaults")];
        foreach (var name in ConfiguredQueues)
        {
            CheckQueueKeys(name);
            _ = Queue(name);
        }

        _ = Queue("defaults");   // read and checked even where no queue is consumed
        CheckPhase(config);
    }

    public GatewaySettings Gateway { get; }

    public double MaxAgeMs { get; }

    public double TimeLimitMs { get; }

    public TimeSpan TimeLimitGrace { get; }

    public bool NotifyShutdown { get; }

    public RetriesSettings Retries { get; }

    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> ActorOptions { get; }

    public InspectionSettings Inspection { get; }

    public TimeSpan ShutdownDeadline { get; }

    public IReadOnlyList<string> ConfiguredQueues { get; }

    public IReadOnlySet<string> PathsRead => _reader.PathsRead;

    /// <summary>How a queue and its delay queue are consumed.</summary>
    public (ConsumerSettings Queue, ConsumerSettings DelayQueue) Queue(string queue)
    {
        // Each default is read whether or not a number takes its place, so that a bad one is told at the start.
        var workersEach = Required(queue, "workers-per-processor");
        var prefetchEach = Required(queue, "prefetch-per-worker");
        var delayPrefetchEach = Required(queue, "delay-prefetch-per-worker");
        var workers = Number(queue, "workers", MostWorkers) ?? Product(queue, workersEach);
        var prefetch = Number(queue, "prefetch", MostPrefetch) ?? (int)Math.Min((long)workers * prefetchEach, MostPrefetch);
        var delayPrefetch = Number(queue, "delay-prefetch", MostPrefetch) ?? (int)Math.Min((long)workers * delayPrefetchEach, MostPrefetch);
        return (
            new ConsumerSettings(queue, prefetch, workers, _maxDeliveries, _reconnectMin, _reconnectMax),
            new ConsumerSettings(Brokers.QueueName.Delay(queue), delayPrefetch, 0, _maxDeliveries, _reconnectMin, _reconnectMax));
    }

    private int? Number(string queue, string key, int most) => _reader.WholeOr(Key(queue, key), 1, "auto") is not { } number || number <= most
        ? _reader.WholeOr(Key(queue, key), 1, "auto")
        : throw _reader.Unusable(Key(queue, key), $"at most {most}", Text(number));

    private int Product(string queue, int workersEach) => (long)workersEach * Environment.ProcessorCount is <= MostWorkers and var workers
        ? (int)workers
        : throw _reader.Unusable(Key(queue, "workers-per-processor"), $"at most {MostWorkers} in all, with the processors of this machine", Text(workersEach));

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private int Required(string queue, string key) => _reader.Whole(Key(queue, key), 1);

    private string Key(string queue, string key) => _reader.Has($"queues.{Quoted(queue)}.{key}") ? $"queues.{Quoted(queue)}.{key}" : "queues.defaults." + key;

    /// <summary>As HOCON wants a key that holds a dot.</summary>
    private static string Quoted(string name) => name.Contains('.', StringComparison.Ordinal) ? $"\"{name}\"" : name;

    private void CheckQueueKeys(string queue)
    {
        var known = _reader.Keys("queues.defaults");
        foreach (var key in _reader.Keys("queues." + Quoted(queue)))
            if (!known.Contains(key))
                throw new ConfigurationException($"dramatiq.queues.{queue}.{key} is not known. Known keys: {string.Join(", ", known)}.");
    }

    /// <summary>Akka cuts off a phase that takes longer than its timeout, and the drain with it.</summary>
    private void CheckPhase(Config config)
    {
        const string phase = "akka.coordinated-shutdown.phases.service-requests-done.timeout";
        var timeout = config.GetTimeSpan(phase);
        if (timeout <= ShutdownDeadline)
            throw new ConfigurationException($"{phase} ({timeout.TotalSeconds:0.#}s) must be longer than dramatiq.shutdown.deadline ({ShutdownDeadline.TotalSeconds:0.#}s): raise the one or lower the other.");
    }
}
