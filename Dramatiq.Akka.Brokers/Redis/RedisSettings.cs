using Akka.Configuration;
using Dramatiq.Akka.Hosting;
using StackExchange.Redis;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>What the broker goes by, read from <c>dramatiq.redis</c> and checked.</summary>
internal sealed class RedisSettings
{
    public const string ReferenceConfig = "Dramatiq.Akka.redis.conf";

    private readonly ConfigurationReader _reader;

    public RedisSettings(Config config)
    {
        var reader = _reader = new ConfigurationReader(config, "dramatiq.redis");
        Url = RedisUrl.Parse(reader.Text("url"));
        Namespace = reader.Text("namespace");
        HeartbeatTimeout = reader.Duration("heartbeat-timeout", TimeSpan.FromMilliseconds(100));
        DeadMessageTtlMs = reader.DurationOrInfinite("dead-message-ttl") is var ttl && double.IsInfinity(ttl) ? -1 : (long)ttl;
        CommandTimeout = reader.Duration("timeout", TimeSpan.FromMilliseconds(1));
        Tracks = reader.Text("wake") switch
        {
            "tracking" => true,
            "poll" => false,
            var other => throw reader.Unusable("wake", "tracking or poll", other),
        };
        PollMin = reader.Duration("poll-min", TimeSpan.FromMilliseconds(1));
        PollMax = reader.Duration("poll-max", PollMin);
        FetchSize = reader.Whole("fetch-size", 1) is var size and <= 2_000
            ? size
            : throw reader.Unusable("fetch-size", "at most 2000, which is what a script can unpack", reader.Text("fetch-size"));
        Tls = new RedisTls(reader.Text("tls-ca-file"), reader.Text("tls-certificate-file"), reader.Text("tls-key-file"));
        if (Namespace.Length == 0) throw reader.Unusable("namespace", "a prefix such as dramatiq", "");
    }

    public RedisUrl Url { get; }

    public string Namespace { get; }

    public TimeSpan HeartbeatTimeout { get; }

    public long HeartbeatTimeoutMs => (long)HeartbeatTimeout.TotalMilliseconds;

    public TimeSpan BeatInterval => HeartbeatTimeout / 4;

    /// <summary>-1 for ever.</summary>
    public long DeadMessageTtlMs { get; }

    public TimeSpan CommandTimeout { get; }

    public bool Tracks { get; }

    public TimeSpan PollMin { get; }

    public TimeSpan PollMax { get; }

    public int FetchSize { get; }

    public RedisTls Tls { get; }

    public IReadOnlySet<string> PathsRead => _reader.PathsRead;

    /// <summary>Counts of deliveries outlive the messages that Python acks: they go by themselves after this long without a new one.</summary>
    public static long DeliveryCountTtlMs => (long)TimeSpan.FromDays(7).TotalMilliseconds;

    public Action<ConfigurationOptions>? ConfigureConnection { get; init; }

    /// <summary>What to connect with: the URL, the certificates, and what the application changes of it.</summary>
    public ConfigurationOptions ToConfiguration()
    {
        var configuration = Url.ToConfiguration(CommandTimeout);
        if (Url.IsTls && !Tls.IsDefault) configuration.SslClientAuthenticationOptions = Tls.OptionsFor;
        ConfigureConnection?.Invoke(configuration);
        return configuration;
    }

    public static RedisSettings From(RedisOptions options) =>
        new(options.ToHocon().WithFallback(Reference())) { ConfigureConnection = options.ConfigureConnection };

    public static Config Reference() => ConfigurationFactory.FromResource(ReferenceConfig, typeof(RedisSettings).Assembly);
}
