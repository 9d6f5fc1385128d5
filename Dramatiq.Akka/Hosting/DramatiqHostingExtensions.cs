using Akka;
using Akka.Configuration;
using Akka.DependencyInjection;
using Akka.Hosting;
using Dramatiq.Akka.Brokers.InMemory;
using Dramatiq.Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Dramatiq.Akka;

/// <summary>Brings Dramatiq.Akka into an actor system of Akka.Hosting.</summary>
public static class DramatiqHostingExtensions
{
    private const string ReferenceConfig = "Dramatiq.Akka.reference.conf";

    /// <summary>
    /// Declares actors, middleware and settings, and starts the gateway, the consumers and the workers with the system. On shutdown the process drains: nothing new is taken, what is in
    /// hand is finished or handed back, within <c>dramatiq.shutdown.deadline</c>.
    /// </summary>
    /// <param name="builder">Akka's configuration.</param>
    /// <param name="configure">Declares. A mistake stops the start of the host with a <see cref="DeclarationException"/>.</param>
    public static AkkaConfigurationBuilder WithDramatiq(this AkkaConfigurationBuilder builder, Action<DramatiqBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        var dramatiq = new DramatiqBuilder();
        configure(dramatiq);

        // The reference goes to the front, in so far as Akka's own timeout of the drain's phase must give way; what the user sets comes before both.
        builder.AddSetup(new DramatiqSetup(dramatiq))
            .AddHocon(ConfigurationFactory.FromResource(ReferenceConfig, typeof(DramatiqHostingExtensions).Assembly), HoconAddMode.Append)
            .AddHocon(dramatiq.Options.ToHocon(), HoconAddMode.Prepend);
        return builder.StartActors(static async (system, registry, resolver) =>
        {
            var tasks = TaskSystem.Get(system);
            AddShutdown(system, tasks, (resolver as ServiceProviderDependencyResolver)?.ServiceProvider);
            await tasks.StartAsync().ConfigureAwait(false);
            registry.Register<QueueGateway>(tasks.Gateway);
        });
    }

    /// <summary>Uses this in-memory broker, so that several systems, or a test, can share one. It stays the caller's.</summary>
    public static AkkaConfigurationBuilder WithInMemoryBroker(this AkkaConfigurationBuilder builder, InMemoryBroker broker) =>
        builder.AddSetup(new BrokerSetup(_ => broker, isOwned: false));

    private static void AddShutdown(ActorSystem system, TaskSystem tasks, IServiceProvider? services)
    {
        var shutdown = CoordinatedShutdown.Get(system);
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceRequestsDone, "dramatiq-drain", async () =>
        {
            await tasks.DrainAsync().ConfigureAwait(false);
            return Done.Instance;
        });
        shutdown.AddTask(CoordinatedShutdown.PhaseBeforeActorSystemTerminate, "dramatiq-close-broker", async () =>
        {
            await tasks.CloseBrokerAsync().ConfigureAwait(false);
            return Done.Instance;
        });

        // Under a host that handles signals: its own patience must outlast the drain, and a second signal must not be swallowed.
        if (services?.GetService<IHostApplicationLifetime>() is null)
            return;

        var signals = new SecondSignal();
        system.RegisterOnTermination(signals.Dispose);
        if (services.GetService<IOptions<HostOptions>>()?.Value is { } host && host.ShutdownTimeout < tasks.Settings.ShutdownDeadline + Margin)
            host.ShutdownTimeout = tasks.Settings.ShutdownDeadline + Margin;
    }

    private static TimeSpan Margin => TimeSpan.FromSeconds(60);
}
