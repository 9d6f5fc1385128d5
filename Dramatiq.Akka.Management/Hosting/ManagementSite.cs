using Akka.Event;
using Dramatiq.Akka.Hosting;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Management.Api;
using Dramatiq.Akka.Management.Commands;
using Dramatiq.Akka.Management.Health;
using Dramatiq.Akka.Management.Live;
using Dramatiq.Akka.Management.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Dramatiq.Akka.Management.Hosting;

/// <summary>All that a request needs: made with the first one, since a web app maps its endpoints before its actor system runs.</summary>
internal sealed class ManagementSite
{
    private readonly IServiceProvider _services;

    /// <param name="system">The actor system that is seen and steered.</param>
    /// <param name="options">What HOCON cannot say, and what comes before it.</param>
    /// <param name="services">The services of the application.</param>
    /// <param name="inspection">Whom to ask; null for the system's own.</param>
    public ManagementSite(ActorSystem system, ManagementOptions options, IServiceProvider services, IInspection? inspection = null)
    {
        _services = services;
        System = system;
        Settings = new ManagementSettings(options.ToHocon().WithFallback(system.Settings.Config).WithFallback(ManagementSettings.Reference));
        var added = system.Settings.Setup.Get<ManagementSetup>() is { HasValue: true } setup && setup.Value.Options != options ? setup.Value.Options.Commands : [];
        AddedCommands = [.. options.Commands, .. added];
        CommandList = new CommandList([.. BuiltInCommands.All.Select(static command => command.Description), .. AddedCommands.Select(static command => command.Description)]);
        Time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        Gate = new Gate(Settings, new Tokens(Settings, Time), options.OrderPolicy);
        Forms = new Forms(services);
        inspection ??= TaskSystem.Get(system).Inspection;
        var shared = new SharedLook(inspection, Settings.LiveInterval / 2, Time);
        Inspection = new RedactedInspection(inspection);
        Pages = new RedactedInspection(shared);
        Log = Logging.GetLogger(system, "dramatiq-management");
        Feed = system.ActorOf(LiveFeed.Create(Pages, Settings, Time), ManagementNode.Get(system).NextActorName());
        Health = new HealthProbe(shared, Settings, Time);
    }

    public ActorSystem System { get; }

    public ManagementSettings Settings { get; }

    public IInspection Inspection { get; }

    /// <summary>The same for those who look on: its list of queues may be half a <c>live-interval</c> old.</summary>
    public IInspection Pages { get; }

    public Gate Gate { get; }

    public Forms Forms { get; }

    public TimeProvider Time { get; }

    public ILoggingAdapter Log { get; }

    /// <summary>Who tells listeners what happens.</summary>
    public IActorRef Feed { get; }

    public HealthProbe Health { get; }

    public IReadOnlyList<AddedCommand> AddedCommands { get; }

    public CommandList CommandList { get; }

    /// <summary>What the guard has found that this request may do.</summary>
    public Access AccessOf(HttpContext context) => context.Items[this] is Access access ? access : Access.None;

    public void Allow(HttpContext context, Access access) => context.Items[this] = access;

    /// <summary>What a command of the application may ask for, from a scope that the caller ends.</summary>
    public (CommandCall Call, AsyncServiceScope Scope) Call()
    {
        var scope = _services.CreateAsyncScope();
        return (new CommandCall(System, Inspection, TaskSystem.Get(System).Queue, scope.ServiceProvider), scope);
    }
}
