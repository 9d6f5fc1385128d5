using System.Globalization;
using System.Text;
using Akka.Configuration;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka;

/// <summary>The C# face of the keys under <c>dramatiq</c> in HOCON. What is left null keeps what HOCON says; what is set comes before it.</summary>
public sealed class DramatiqOptions
{
    private readonly Dictionary<string, QueueOptions> _queues = new(StringComparer.Ordinal);

    /// <summary>What holds for every queue that says nothing else for itself: <c>dramatiq.queues.defaults</c>.</summary>
    public QueueOptions Queues { get; } = new();

    /// <summary><c>dramatiq.consumer.max-deliveries</c>. Default 20.</summary>
    public int? MaxDeliveries { get; set; }

    /// <summary><c>dramatiq.consumer.reconnect-min</c>. Default 250 ms.</summary>
    public TimeSpan? ReconnectMin { get; set; }

    /// <summary><c>dramatiq.consumer.reconnect-max</c>. Default 30 s.</summary>
    public TimeSpan? ReconnectMax { get; set; }

    /// <summary><c>dramatiq.gateway.max-pending</c>. Default 10,000 messages.</summary>
    public int? GatewayMaxPending { get; set; }

    /// <summary><c>dramatiq.gateway.max-pending-bytes</c>. Default 64 MiB.</summary>
    public long? GatewayMaxPendingBytes { get; set; }

    /// <summary><c>dramatiq.gateway.timeout</c>. Default 30 s.</summary>
    public TimeSpan? GatewayTimeout { get; set; }

    /// <summary><c>dramatiq.gateway.batch-size</c>. Default 256.</summary>
    public int? GatewayBatchSize { get; set; }

    /// <summary><c>dramatiq.gateway.max-batches</c>. Default 4.</summary>
    public int? GatewayMaxBatches { get; set; }

    /// <summary><c>dramatiq.gateway.retry-min</c>. Default 100 ms.</summary>
    public TimeSpan? GatewayRetryMin { get; set; }

    /// <summary><c>dramatiq.gateway.retry-max</c>. Default 5 s.</summary>
    public TimeSpan? GatewayRetryMax { get; set; }

    /// <summary><c>dramatiq.middleware.age-limit.max-age</c>. Default none; zero is none.</summary>
    public TimeSpan? MaxAge { get; set; }

    /// <summary><c>dramatiq.middleware.time-limit.time-limit</c>. Default 10 minutes; <see cref="Timeout.InfiniteTimeSpan"/> for none.</summary>
    public TimeSpan? TimeLimit { get; set; }

    /// <summary><c>dramatiq.middleware.time-limit.grace</c>. Default 5 s.</summary>
    public TimeSpan? TimeLimitGrace { get; set; }

    /// <summary><c>dramatiq.middleware.shutdown-notifications.notify-shutdown</c>. Default false.</summary>
    public bool? NotifyShutdown { get; set; }

    /// <summary><c>dramatiq.middleware.retries.max-retries</c>. Default 20; -1 for without end.</summary>
    public int? MaxRetries { get; set; }

    /// <summary><c>dramatiq.middleware.retries.min-backoff</c>. Default 15 s.</summary>
    public TimeSpan? MinBackoff { get; set; }

    /// <summary><c>dramatiq.middleware.retries.max-backoff</c>. Default 7 days, and never more.</summary>
    public TimeSpan? MaxBackoff { get; set; }

    /// <summary><c>dramatiq.inspection.timeout</c>. Default 60 s.</summary>
    public TimeSpan? InspectionTimeout { get; set; }

    /// <summary><c>dramatiq.inspection.traffic-interval</c>. Default 10 s.</summary>
    public TimeSpan? TrafficInterval { get; set; }

    /// <summary><c>dramatiq.inspection.lives.store</c>. Default <see cref="LifeStoreKind.Off"/>. See <see cref="DramatiqBuilder.UseLifeStore"/> for one of your own.</summary>
    public LifeStoreKind? LifeStore { get; set; }

    /// <summary><c>dramatiq.inspection.lives.ttl</c>. Default one hour.</summary>
    public TimeSpan? LifeTtl { get; set; }

    /// <summary><c>dramatiq.shutdown.deadline</c>. Default 600 s. The timeout of Akka's shutdown phase follows it.</summary>
    public TimeSpan? ShutdownDeadline { get; set; }

    /// <summary>What one queue says for itself: <c>dramatiq.queues.NAME</c>.</summary>
    /// <exception cref="ArgumentException">It is no queue name.</exception>
    public QueueOptions Queue(string name)
    {
        Brokers.QueueName.Checked(name);
        if (!_queues.TryGetValue(name, out var options))
            _queues.Add(name, options = new QueueOptions());
        return options;
    }

    /// <summary>The HOCON of what is set.</summary>
    public Config ToHocon()
    {
        var lines = new StringBuilder();
        Queues.Write(lines, "dramatiq.queues.defaults");
        foreach (var (name, options) in _queues)
            options.Write(lines, $"dramatiq.queues.\"{name}\"");

        Write(lines, "dramatiq.consumer.max-deliveries", MaxDeliveries);
        Write(lines, "dramatiq.consumer.reconnect-min", ReconnectMin);
        Write(lines, "dramatiq.consumer.reconnect-max", ReconnectMax);
        Write(lines, "dramatiq.gateway.max-pending", GatewayMaxPending);
        Write(lines, "dramatiq.gateway.max-pending-bytes", GatewayMaxPendingBytes);
        Write(lines, "dramatiq.gateway.timeout", GatewayTimeout);
        Write(lines, "dramatiq.gateway.batch-size", GatewayBatchSize);
        Write(lines, "dramatiq.gateway.max-batches", GatewayMaxBatches);
        Write(lines, "dramatiq.gateway.retry-min", GatewayRetryMin);
        Write(lines, "dramatiq.gateway.retry-max", GatewayRetryMax);
        Write(lines, "dramatiq.middleware.age-limit.max-age", MaxAge);
        Write(lines, "dramatiq.middleware.time-limit.time-limit", TimeLimit);
        Write(lines, "dramatiq.middleware.time-limit.grace", TimeLimitGrace);
        if (NotifyShutdown is { } notify)
            Line(lines, "dramatiq.middleware.shutdown-notifications.notify-shutdown", notify ? "true" : "false");
        if (MaxRetries is { } retries)
            Line(lines, "dramatiq.middleware.retries.max-retries", retries == -1 ? "unlimited" : retries.ToString(CultureInfo.InvariantCulture));
        Write(lines, "dramatiq.middleware.retries.min-backoff", MinBackoff);
        Write(lines, "dramatiq.middleware.retries.max-backoff", MaxBackoff);
        Write(lines, "dramatiq.inspection.timeout", InspectionTimeout);
        Write(lines, "dramatiq.inspection.traffic-interval", TrafficInterval);
        if (LifeStore is { } store)
            Line(lines, "dramatiq.inspection.lives.store", store switch { LifeStoreKind.Memory => "memory", LifeStoreKind.Broker => "broker", _ => "off" });
        Write(lines, "dramatiq.inspection.lives.ttl", LifeTtl);
        Write(lines, "dramatiq.shutdown.deadline", ShutdownDeadline);
        if (ShutdownDeadline is { } deadline)
            Write(lines, "akka.coordinated-shutdown.phases.service-requests-done.timeout", deadline + TimeSpan.FromSeconds(30));
        return lines.Length == 0 ? Config.Empty : ConfigurationFactory.ParseString(lines.ToString());
    }

    internal static void Write(StringBuilder lines, string path, long? value)
    {
        if (value is { } number)
            Line(lines, path, number.ToString(CultureInfo.InvariantCulture));
    }

    private static void Write(StringBuilder lines, string path, TimeSpan? value)
    {
        if (value is { } span)
            Line(lines, path, span == Timeout.InfiniteTimeSpan ? "infinite" : span.TotalMilliseconds.ToString("0.####", CultureInfo.InvariantCulture) + "ms");
    }

    private static void Line(StringBuilder lines, string path, string value) => lines.Append(path).Append(" = ").Append(value).Append('\n');
}

/// <summary>How a queue is consumed. What is left null keeps what HOCON says.</summary>
public sealed class QueueOptions
{
    /// <summary>How many workers. Default 8 for each processor.</summary>
    public int? Workers { get; set; }

    /// <summary>How many workers for each processor, where <see cref="Workers"/> is not set.</summary>
    public int? WorkersPerProcessor { get; set; }

    /// <summary>How many messages may be unsettled. Default 2 for each worker.</summary>
    public int? Prefetch { get; set; }

    /// <summary>How many for each worker, where <see cref="Prefetch"/> is not set.</summary>
    public int? PrefetchPerWorker { get; set; }

    /// <summary>How many delayed messages may wait in memory. Default 1,000 for each worker, and never more than 65,535.</summary>
    public int? DelayPrefetch { get; set; }

    /// <summary>How many for each worker, where <see cref="DelayPrefetch"/> is not set.</summary>
    public int? DelayPrefetchPerWorker { get; set; }

    internal void Write(StringBuilder lines, string path)
    {
        DramatiqOptions.Write(lines, path + ".workers", Workers);
        DramatiqOptions.Write(lines, path + ".workers-per-processor", WorkersPerProcessor);
        DramatiqOptions.Write(lines, path + ".prefetch", Prefetch);
        DramatiqOptions.Write(lines, path + ".prefetch-per-worker", PrefetchPerWorker);
        DramatiqOptions.Write(lines, path + ".delay-prefetch", DelayPrefetch);
        DramatiqOptions.Write(lines, path + ".delay-prefetch-per-worker", DelayPrefetchPerWorker);
    }
}
