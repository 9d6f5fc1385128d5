using Akka.Hosting;
using Dramatiq.Akka.Brokers.Redis;
using Dramatiq.Akka.Hosting;

namespace Dramatiq.Akka;

/// <summary>Names Redis as the broker.</summary>
public static class RedisHostingExtensions
{
    /// <summary>Uses the Redis at this URL, on the keys of Python's Dramatiq: see <see cref="RedisOptions.Url"/>.</summary>
    public static AkkaConfigurationBuilder WithRedis(this AkkaConfigurationBuilder builder, string url) =>
        builder.WithRedis(new RedisOptions { Url = url });

    /// <summary>Uses a Redis, on the keys of Python's Dramatiq. What is not set comes from <c>dramatiq.redis</c> in HOCON.</summary>
    public static AkkaConfigurationBuilder WithRedis(this AkkaConfigurationBuilder builder, Action<RedisOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var options = new RedisOptions();
        configure(options);
        return builder.WithRedis(options);
    }

    /// <summary>Uses a Redis, on the keys of Python's Dramatiq. What is not set comes from <c>dramatiq.redis</c> in HOCON.</summary>
    public static AkkaConfigurationBuilder WithRedis(this AkkaConfigurationBuilder builder, RedisOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        return builder
            .AddHocon(RedisSettings.Reference(), HoconAddMode.Append)
            .AddHocon(options.ToHocon(), HoconAddMode.Prepend)
            .AddSetup(new RedisConnectionSetup(options.ConfigureConnection))
            .AddSetup(new BrokerSetup(system =>
                new RedisBroker(new RedisSettings(system.Settings.Config) { ConfigureConnection = options.ConfigureConnection }, RedisLinks.Get(system), system.Log)));
    }
}
