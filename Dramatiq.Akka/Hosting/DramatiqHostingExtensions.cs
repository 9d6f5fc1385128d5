using Akka;
using Akka.Configuration;
using Akka.DependencyInjection;
using Akka.Hosting;
using Dramatiq.Akka.Brokers.InMemory;
using Dramatiq.Akka.Hosting;
using Dramatiq.Akka.Results;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Dramatiq.Akka;

/// <summary>Brings Dramatiq.Akka into an actor system of Akka.Hosting.</summary>
public static class DramatiqHostingExtensions
{
    private const string DrainPhase = "akka.coordinated-shutdown.phases.service-requests-done.timeout";

    /// <summary>The defaults.</summary>
    internal static Config Reference { get; } = ConfigurationFactory.FromResource("Dramatiq.Akka.reference.conf", typeof(DramatiqHostingExtensions).Assembly);

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

        // Akka reads the timeout of the drain's phase while the system starts, so that must be there before. All else is put beneath whatever the user
        // sets, wherever and whenever: see TaskSystem.
        builder.AddSetup(new DramatiqSetup(dramatiq))
            .AddHocon(ConfigurationFactory.ParseString($"{DrainPhase} = {Reference.GetString(DrainPhase)}"), HoconAddMode.Append)
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

    /// <summary>Stores results in the memory of this process: see <see cref="ActorOptions.StoreResults"/>. For tests, and for a process that reads what it runs itself.</summary>
    public static AkkaConfigurationBuilder WithInMemoryResults(this AkkaConfigurationBuilder builder) =>
        builder.AddSetup(new ResultBackendSetup(static system => new InMemoryResultBackend(system.Settings.Setup.Get<DramatiqSetup>() is { HasValue: true } setup ? setup.Value.Builder.TimeProvider : null)));

    /// <summary>Stores results in this memory, so that several systems, or a test, can share it. It stays the caller's.</summary>
    public static AkkaConfigurationBuilder WithInMemoryResults(this AkkaConfigurationBuilder builder, InMemoryResultBackend backend) =>
        builder.AddSetup(new ResultBackendSetup(_ => backend, isOwned: false));

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
            await tasks.WriteLivesAsync().ConfigureAwait(false);
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
