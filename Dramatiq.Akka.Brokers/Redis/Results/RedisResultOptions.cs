using System.Text;
using Akka.Configuration;
using Akka.Hosting;
using StackExchange.Redis;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>The C# face of the keys under <c>dramatiq.redis.results</c> in HOCON. What is left null keeps what HOCON says; what is set comes before it.</summary>
public sealed class RedisResultOptions
{
    /// <summary>Where the server is, as <see cref="RedisOptions.Url"/>. Default that of <c>dramatiq.redis.url</c>, and with it the broker's own connections.</summary>
    public string? Url { get; set; }

    /// <summary>The prefix of every key. Default <c>dramatiq-results</c>, as in Python.</summary>
    public string? Namespace { get; set; }

    /// <summary>Whether keys are readable instead of hashed: Python's <c>use_namespace_prefix_keys</c>. Default false. Both sides must say the same.</summary>
    public bool? ReadableKeys { get; set; }

    /// <summary>Changes what no URL can say, such as client certificates. Called once, before connecting. Default what the broker was given, where the URL is the broker's.</summary>
    public Action<ConfigurationOptions>? ConfigureConnection { get; set; }

    /// <summary>The HOCON of what is set.</summary>
    public Config ToHocon()
    {
        var lines = new StringBuilder();
        if (Url is { } url)
            lines.Append("dramatiq.redis.results.url = ").AppendLine(url.ToHocon());
        if (Namespace is { } ns)
            lines.Append("dramatiq.redis.results.namespace = ").AppendLine(ns.ToHocon());
        if (ReadableKeys is { } readable)
            lines.Append("dramatiq.redis.results.readable-keys = ").AppendLine(readable ? "on" : "off");
        return ConfigurationFactory.ParseString(lines.ToString());
    }
}
