using Akka.Configuration;
using Akka.Hosting;
using Dramatiq.Akka.Brokers.RabbitMq;
using Dramatiq.Akka.Hosting;

namespace Dramatiq.Akka;

/// <summary>Names RabbitMQ as the broker.</summary>
public static class RabbitMqHostingExtensions
{
    private const string ReferenceConfig = "Dramatiq.Akka.Brokers.rabbitmq.conf";

    /// <summary>Uses RabbitMQ at these addresses, tried in turn.</summary>
    /// <param name="builder">Akka's configuration, on which <c>WithDramatiq</c> is called too.</param>
    /// <param name="urls"><c>amqp[s]://user:password@host:port/vhost</c>; none for what HOCON says.</param>
    public static AkkaConfigurationBuilder WithRabbitMq(this AkkaConfigurationBuilder builder, params string[] urls)
    {
        var options = new RabbitMqOptions();
        foreach (var url in urls)
            options.Urls.Add(url);
        return builder.WithRabbitMq(options);
    }

    /// <summary>Uses RabbitMQ.</summary>
    public static AkkaConfigurationBuilder WithRabbitMq(this AkkaConfigurationBuilder builder, Action<RabbitMqOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var options = new RabbitMqOptions();
        configure(options);
        return builder.WithRabbitMq(options);
    }

    /// <summary>Uses RabbitMQ.</summary>
    public static AkkaConfigurationBuilder WithRabbitMq(this AkkaConfigurationBuilder builder, RabbitMqOptions options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        return builder
            .AddHocon(Reference, HoconAddMode.Append)
            .AddHocon(options.ToHocon(), HoconAddMode.Prepend)
            .AddSetup(new BrokerSetup(system => new RabbitMqBroker(
                RabbitMqSettings.From(system.Settings.Config) with { ClientName = $"dramatiq-akka {system.Name}", ConfigureConnection = options.ConfigureConnection },
                system.Log)));
    }

    internal static Config Reference => ConfigurationFactory.FromResource(ReferenceConfig, typeof(RabbitMqHostingExtensions).Assembly);
}
