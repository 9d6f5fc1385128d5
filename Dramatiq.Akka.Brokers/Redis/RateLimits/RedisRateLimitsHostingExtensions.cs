using Akka.Configuration;
using Akka.Hosting;
using Dramatiq.Akka.Brokers.Redis;
using Dramatiq.Akka.Hosting;
using Dramatiq.Akka.RateLimits;

namespace Dramatiq.Akka;

/// <summary>Counts rate limits on Redis.</summary>
public static class RedisRateLimitsHostingExtensions
{
    /// <summary>Counts rate limits on a Redis, on the keys of Python's Dramatiq, so that both count together. Connections are shared with <c>WithRedis</c> where the server is the same.</summary>
    /// <param name="builder">Akka's configuration.</param>
    /// <param name="url">Where: see <see cref="RedisOptions.Url"/>. Null for <c>dramatiq.redis.rate-limits.url</c>, and where that is empty <c>dramatiq.redis.url</c>.</param>
    public static AkkaConfigurationBuilder WithRedisRateLimits(this AkkaConfigurationBuilder builder, string? url = null) =>
        builder.WithRedisRateLimits(new RedisOptions { Url = url });

    /// <summary>Counts rate limits on a Redis. What is not set comes from <c>dramatiq.redis</c> in HOCON; what only a broker has is not read.</summary>
    public static AkkaConfigurationBuilder WithRedisRateLimits(this AkkaConfigurationBuilder builder, RedisOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        return builder
            .AddHocon(RedisSettings.Reference(), HoconAddMode.Append)
            .AddSetup(new RateLimitsSetup(system => new RedisRateLimiterBackend(
                system, new RedisSettings(Effective(options, system.Settings.Config)) { ConfigureConnection = options.ConfigureConnection }, system.Log)));
    }

    internal static Config Effective(RedisOptions options, Config system)
    {
        var own = new ConfigurationReader(system, "dramatiq.redis").Text("rate-limits.url");
        var config = own.Length == 0 ? system : ConfigurationFactory.ParseString($"dramatiq.redis.url = {own.ToHocon()}").WithFallback(system);
        return options.ToHocon().WithFallback(config);
    }
}
