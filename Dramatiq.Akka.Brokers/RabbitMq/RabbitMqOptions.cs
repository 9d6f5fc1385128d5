using System.Globalization;
using System.Text;
using Akka.Configuration;
using Akka.Hosting;
using RabbitMQ.Client;

namespace Dramatiq.Akka;

/// <summary>The C# face of the keys under <c>dramatiq.rabbitmq</c> in HOCON. What is left null keeps what HOCON says; what is set comes before it.</summary>
public sealed class RabbitMqOptions
{
    /// <summary>Where RabbitMQ is: <c>amqp[s]://user:password@host:port/vhost</c>; several are tried in turn. Empty keeps HOCON's. Default <c>amqp://guest:guest@127.0.0.1:5672</c>.</summary>
    public IList<string> Urls { get; } = [];

    /// <summary><c>heartbeat</c>: a silent peer is taken for gone after two. Default 5 s.</summary>
    public TimeSpan? Heartbeat { get; set; }

    /// <summary><c>connect-timeout</c>: how long one address may take to answer. Default 5 s.</summary>
    public TimeSpan? ConnectTimeout { get; set; }

    /// <summary><c>reply-timeout</c>: how long RabbitMQ may take to answer an order. Default 20 s.</summary>
    public TimeSpan? ReplyTimeout { get; set; }

    /// <summary><c>blocked-timeout</c>: how long a publication waits while RabbitMQ blocks publishers. Default 30 s.</summary>
    public TimeSpan? BlockedTimeout { get; set; }

    /// <summary><c>tls.ca-file</c>: a PEM file with the authorities that an <c>amqps</c> server's certificate may come from. Default none: those that the machine trusts.</summary>
    public string? CaFile { get; set; }

    /// <summary><c>max-priority</c>: Python's <c>max_priority</c>, 1 to 255, for queues that heed <c>broker_priority</c>. Default none.</summary>
    public int? MaxPriority { get; set; }

    /// <summary><c>dead-message-ttl</c>: how long dead letters are kept. Default 7 days. Python must have the same.</summary>
    public TimeSpan? DeadMessageTtl { get; set; }

    /// <summary><c>queue-type</c>: replicated queues, for deployments without Python. Default false.</summary>
    public bool? QuorumQueues { get; set; }

    /// <summary><c>max-unconfirmed</c>: messages that may wait for their confirmation. Default 2,048.</summary>
    public int? MaxUnconfirmed { get; set; }

    /// <summary><c>ack-delay</c>: how long a finished message may wait to be acknowledged with its neighbours. Default 3 ms.</summary>
    public TimeSpan? AckDelay { get; set; }

    /// <summary><c>watchdog-interval</c>: after how long without a delivery a consumer is checked. Default 15 s.</summary>
    public TimeSpan? WatchdogInterval { get; set; }

    /// <summary><c>delay-lease</c>: after how long messages of <c>q.DQ</c> are given back and taken anew. Default 20 minutes; RabbitMQ's limit is 30.</summary>
    public TimeSpan? DelayLease { get; set; }

    /// <summary><c>count-redeliveries</c>: whether redelivered messages carry their count in a header, so that one that kills its process every time is found out. Default true.</summary>
    public bool? CountRedeliveries { get; set; }

    /// <summary><c>delays.unit</c>: the finest step of a delay. Default 250 ms.</summary>
    public TimeSpan? DelayUnit { get; set; }

    /// <summary><c>inspection.looks</c>: how far from its head a queue is looked at. Default 500 messages.</summary>
    public int? InspectionLooks { get; set; }

    /// <summary><c>inspection.order-looks</c>: how far an order looks for the messages that it names. Default 10,000.</summary>
    public int? InspectionOrderLooks { get; set; }

    /// <summary>Changes what RabbitMQ.Client connects with, for instance a client certificate for <c>amqps</c>, or a judgement of the server's own. The client's own recovery stays off: the broker has its own.</summary>
    public Action<ConnectionFactory>? ConfigureConnection { get; set; }

    /// <summary>The HOCON of what is set.</summary>
    public Config ToHocon()
    {
        var lines = new StringBuilder();
        if (Urls.Count > 0)
            Line(lines, "url", string.Join(',', Urls).ToHocon());
        Line(lines, "heartbeat", Heartbeat);
        Line(lines, "connect-timeout", ConnectTimeout);
        Line(lines, "reply-timeout", ReplyTimeout);
        Line(lines, "blocked-timeout", BlockedTimeout);
        if (CaFile is { } authorities)
            Line(lines, "tls.ca-file", authorities.ToHocon());
        Line(lines, "max-priority", MaxPriority);
        Line(lines, "dead-message-ttl", DeadMessageTtl);
        if (QuorumQueues is { } quorum)
            Line(lines, "queue-type", quorum ? "quorum" : "classic");
        Line(lines, "max-unconfirmed", MaxUnconfirmed);
        Line(lines, "ack-delay", AckDelay);
        Line(lines, "watchdog-interval", WatchdogInterval);
        Line(lines, "delay-lease", DelayLease);
        if (CountRedeliveries is { } counted)
            Line(lines, "count-redeliveries", counted ? "true" : "false");
        Line(lines, "delays.unit", DelayUnit);
        Line(lines, "inspection.looks", InspectionLooks);
        Line(lines, "inspection.order-looks", InspectionOrderLooks);
        return lines.Length == 0 ? Config.Empty : ConfigurationFactory.ParseString(lines.ToString());
    }

    private static void Line(StringBuilder lines, string key, int? value)
    {
        if (value is { } number)
            Line(lines, key, number.ToString(CultureInfo.InvariantCulture));
    }

    private static void Line(StringBuilder lines, string key, TimeSpan? value)
    {
        if (value is { } span)
            Line(lines, key, span.TotalMilliseconds.ToString("0.####", CultureInfo.InvariantCulture) + "ms");
    }

    private static void Line(StringBuilder lines, string key, string value) => lines.Append("dramatiq.rabbitmq.").Append(key).Append(" = ").Append(value).Append('\n');
}
