using Akka.Configuration;
using Dramatiq.Akka.Hosting;
using StackExchange.Redis;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>Where and how results are stored, read from <c>dramatiq.redis.results</c> and checked.</summary>
internal sealed class RedisResultSettings
{
    private readonly ConfigurationReader _reader;

    /// <param name="config">The configuration.</param>
    /// <param name="configure">What no URL can say, for a server of results' own; null for nothing.</param>
    /// <param name="configureBroker">The same where the server is the broker's and <paramref name="configure"/> is null.</param>
    public RedisResultSettings(Config config, Action<ConfigurationOptions>? configure = null, Action<ConfigurationOptions>? configureBroker = null)
    {
        _reader = new ConfigurationReader(config, "dramatiq.redis.results");
        var url = _reader.Text("url");
        var isBrokers = url.Length == 0;
        Namespace = _reader.Text("namespace");
        HasReadableKeys = _reader.Flag("readable-keys");
        if (Namespace.Length == 0) throw _reader.Unusable("namespace", "a prefix such as dramatiq-results", "");
        Connection = new RedisSettings(isBrokers ? config : new RedisOptions { Url = url }.ToHocon().WithFallback(config)) { ConfigureConnection = configure ?? (isBrokers ? configureBroker : null) };
    }

    public string Namespace { get; }

    public bool HasReadableKeys { get; }

    /// <summary>How to connect: as the broker does, but for the URL where results have one of their own.</summary>
    public RedisSettings Connection { get; }

    public IReadOnlySet<string> PathsRead => _reader.PathsRead;
}
