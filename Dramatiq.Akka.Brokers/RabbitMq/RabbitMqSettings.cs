using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Configuration;
using Dramatiq.Akka.Brokers.RabbitMq.Connecting;
using Dramatiq.Akka.Hosting;
using RabbitMQ.Client;

namespace Dramatiq.Akka.Brokers.RabbitMq;

/// <summary>Everything under <c>dramatiq.rabbitmq</c>, read and checked once.</summary>
internal sealed record RabbitMqSettings
{
    public required IReadOnlyList<Uri> Urls { get; init; }

    public required TimeSpan Heartbeat { get; init; }

    public required TimeSpan ConnectTimeout { get; init; }

    public required TimeSpan ReplyTimeout { get; init; }

    public required TimeSpan BlockedTimeout { get; init; }

    /// <summary>Where <see cref="Authorities"/> come from; "none" without them.</summary>
    public required string CaFile { get; init; }

    /// <summary>Who may have issued the certificate of an <c>amqps</c> server; null for whom the machine trusts.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    public required int? MaxPriority { get; init; }

    public required TimeSpan DeadMessageTtl { get; init; }

    public required bool IsQuorum { get; init; }

    public required int MaxUnconfirmed { get; init; }

    public required TimeSpan AckDelay { get; init; }

    public required TimeSpan WatchdogInterval { get; init; }

    public required TimeSpan DelayLease { get; init; }

    public required bool CountRedeliveries { get; init; }

    public required TimeSpan DelayUnit { get; init; }

    /// <summary>How many messages a look at a queue may hold.</summary>
    public required int Looks { get; init; }

    /// <summary>How many messages an order may hold while it looks for those it names.</summary>
    public required int OrderLooks { get; init; }

    public string ClientName { get; init; } = "dramatiq-akka";

    public Action<ConnectionFactory>? ConfigureConnection { get; init; }

    public static RabbitMqSettings From(Config config) => From(config, out _);

    public static RabbitMqSettings From(Config config, out IReadOnlySet<string> pathsRead)
    {
        var reader = new ConfigurationReader(config, "dramatiq.rabbitmq");
        var shortest = TimeSpan.FromMilliseconds(1);
        var settings = new RabbitMqSettings
        {
            Urls = UrlsOf(reader.Text("url")),
            Heartbeat = reader.Duration("heartbeat", TimeSpan.FromSeconds(1)),
            ConnectTimeout = reader.Duration("connect-timeout", shortest),
            ReplyTimeout = reader.Duration("reply-timeout", shortest),
            BlockedTimeout = reader.Duration("blocked-timeout"),
            CaFile = reader.Text("tls.ca-file"),
            Authorities = AuthoritiesIn(reader),
            MaxPriority = reader.WholeOr("max-priority", 1, "none"),
            DeadMessageTtl = reader.Duration("dead-message-ttl", shortest),
            IsQuorum = reader.Text("queue-type") switch
            {
                "classic" => false,
                "quorum" => true,
                var other => throw reader.Unusable("queue-type", "classic or quorum", other),
            },
            MaxUnconfirmed = reader.Whole("max-unconfirmed", 1),
            AckDelay = reader.Duration("ack-delay", shortest),
            WatchdogInterval = reader.Duration("watchdog-interval", shortest),
            DelayLease = reader.Duration("delay-lease", TimeSpan.FromSeconds(1)),
            CountRedeliveries = reader.Flag("count-redeliveries"),
            DelayUnit = reader.Duration("delays.unit", shortest),
            Looks = reader.Whole("inspection.looks", 1),
            OrderLooks = reader.Whole("inspection.order-looks", 1),
        };
        pathsRead = reader.PathsRead;
        if (settings.MaxPriority > 255)
            throw reader.Unusable("max-priority", "1 to 255, or none", reader.Text("max-priority"));
        if (settings is { IsQuorum: true, MaxPriority: not null })
            throw new ConfigurationException("dramatiq.rabbitmq.max-priority cannot go with queue-type quorum: quorum queues have no priorities. Set one of them back to its default.");
        return settings;
    }

    private static X509Certificate2Collection? AuthoritiesIn(ConfigurationReader reader)
    {
        var file = reader.Text("tls.ca-file");
        if (file == "none")
            return null;

        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new ConfigurationException($"dramatiq.rabbitmq.tls.ca-file cannot be read: {error.Message} Name a PEM file with certificates, or none.", error);
        }

        return authorities.Count > 0 ? authorities : throw reader.Unusable("tls.ca-file", "a PEM file that holds certificates, or none", file);
    }

    private static IReadOnlyList<Uri> UrlsOf(string text)
    {
        try
        {
            return BrokerUrl.ParseAll(text);
        }
        catch (ArgumentException error)
        {
            throw new ConfigurationException("dramatiq.rabbitmq.url cannot be used: " + error.Message, error);
        }
    }
}
