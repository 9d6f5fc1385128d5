using Akka;
using Akka.Configuration;
using Akka.Hosting;
using Akka.DependencyInjection;
using Dramatiq.Akka.Management.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using AkkaDependencyResolver = global::Akka.DependencyInjection.DependencyResolver;

namespace Dramatiq.Akka;

/// <summary>Opens a process to those who look after it: the dashboard, the JSON API, live events, metrics and health.</summary>
public static class ManagementHostingExtensions
{
    /// <summary>
    /// Listens by itself, on <c>127.0.0.1:9110</c> unless told otherwise: for a worker that is no web app. Starts once <c>WithDramatiq</c> has started, and stops when the drain is over.
    /// In a web app it is for <see cref="ManagementOptions.AddCommand"/> and settings that <see cref="MapDramatiq"/> is to share, with <see cref="ManagementOptions.Enabled"/> set to false.
    /// </summary>
    /// <param name="builder">Akka's configuration. Call this after <c>WithDramatiq</c>.</param>
    /// <param name="configure">What is not set comes from <c>dramatiq.management</c> in HOCON.</param>
    public static AkkaConfigurationBuilder WithManagement(this AkkaConfigurationBuilder builder, Action<ManagementOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new ManagementOptions();
        configure?.Invoke(options);
        return builder
            .AddHocon(ManagementSettings.Reference, HoconAddMode.Append)
            .AddHocon(options.ToHocon(), HoconAddMode.Prepend)
            .AddSetup(new ManagementSetup(options))
            .AddStartup(async (system, _) =>
            {
                var services = ((ServiceProviderDependencyResolver)AkkaDependencyResolver.For(system).Resolver).ServiceProvider;
                if (await ManagementListener.StartAsync(new ManagementSite(system, options, services)).ConfigureAwait(false) is not { } listener)
                    return;

                ManagementNode.Get(system).Listener = listener;
                CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseServiceStop, "dramatiq-management", async () =>
                {
                    await listener.DisposeAsync().ConfigureAwait(false);
                    return Done.Instance;
                });
            });
    }

    /// <summary>
    /// Maps the management into a web app whose services have an actor system (<c>AddAkka</c>) with <c>WithDramatiq</c>. It answers nobody but this machine, unless a token is set or the
    /// result is given an authorization policy: <c>app.MapDramatiq().RequireAuthorization("operators")</c>. Then orders need <see cref="ManagementOptions.OrderPolicy"/> or the order token.
    /// </summary>
    /// <param name="endpoints">The web app.</param>
    /// <param name="path">What every address begins with.</param>
    /// <param name="configure">What is not set comes from <c>WithManagement</c>, and from <c>dramatiq.management</c> in HOCON.</param>
    /// <exception cref="ConfigurationException">A setting cannot be used.</exception>
    public static IEndpointConventionBuilder MapDramatiq(this IEndpointRouteBuilder endpoints, string path = "/dramatiq", Action<ManagementOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var options = new ManagementOptions();
        configure?.Invoke(options);
        var services = endpoints.ServiceProvider;
        Check(options, services);
        return ManagementEndpoints.Map(endpoints, path, () => new ManagementSite(services.GetRequiredService<ActorSystem>(), options, services));
    }

    /// <summary>The site itself is made with the first request, when there is a system; what it would refuse is refused before the app starts.</summary>
    private static void Check(ManagementOptions options, IServiceProvider services)
    {
        var configured = services.GetService<AkkaConfigurationBuilder>()?.Configuration is { HasValue: true } config ? config.Value : Config.Empty;
        _ = new ManagementSettings(options.ToHocon().WithFallback(configured).WithFallback(ManagementSettings.Reference));
    }
}
