using Akka.Actor.Setup;
using Akka.Hosting;
using Dramatiq.Akka.Brokers.Redis;
using Dramatiq.Akka.Hosting;
using StackExchange.Redis;

namespace Dramatiq.Akka;

/// <summary>Names Redis as the store of results.</summary>
public static class RedisResultsHostingExtensions
{
    /// <summary>Stores results in Redis, as Python's Dramatiq does: see <see cref="ActorOptions.StoreResults"/>.</summary>
    /// <param name="builder">Akka's configuration.</param>
    /// <param name="url">Where the server is, as <see cref="RedisOptions.Url"/>; null for the broker's, whose connections it shares then.</param>
    public static AkkaConfigurationBuilder WithRedisResults(this AkkaConfigurationBuilder builder, string? url = null) =>
        builder.WithRedisResults(new RedisResultOptions { Url = url });

    /// <summary>Stores results in Redis, as Python's Dramatiq does. What is not set comes from <c>dramatiq.redis.results</c> in HOCON.</summary>
    public static AkkaConfigurationBuilder WithRedisResults(this AkkaConfigurationBuilder builder, Action<RedisResultOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var options = new RedisResultOptions();
        configure(options);
        return builder.WithRedisResults(options);
    }

    /// <summary>Stores results in Redis, as Python's Dramatiq does. What is not set comes from <c>dramatiq.redis.results</c> in HOCON.</summary>
    public static AkkaConfigurationBuilder WithRedisResults(this AkkaConfigurationBuilder builder, RedisResultOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        return builder
            .AddHocon(RedisSettings.Reference(), HoconAddMode.Append)
            .AddHocon(options.ToHocon(), HoconAddMode.Prepend)
            .AddSetup(new ResultBackendSetup(system =>
            {
                var ofBroker = system.Settings.Setup.Get<RedisConnectionSetup>() is { HasValue: true } setup ? setup.Value.Configure : null;
                return new RedisResultBackend(new RedisResultSettings(system.Settings.Config, options.ConfigureConnection, ofBroker), RedisLinks.Get(system), system.Log);
            }));
    }
}

/// <summary>Brings what the broker's connection was configured with to those who share it.</summary>
internal sealed class RedisConnectionSetup(Action<ConfigurationOptions>? configure) : Setup
{
    public Action<ConfigurationOptions>? Configure { get; } = configure;
}
