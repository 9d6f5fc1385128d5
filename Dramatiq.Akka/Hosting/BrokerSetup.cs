using Akka.Actor.Setup;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Results;

namespace Dramatiq.Akka.Hosting;

/// <summary>How an extension such as <c>WithRabbitMq</c> names the broker: <c>builder.AddSetup(new BrokerSetup(…))</c>.</summary>
/// <param name="create">Makes the broker.</param>
/// <param name="isOwned">Whether it is disposed when the system stops; false for one that others share.</param>
public sealed class BrokerSetup(Func<ActorSystem, IBroker> create, bool isOwned = true) : Setup
{
    /// <summary>Whether the broker is disposed when the system stops.</summary>
    public bool IsOwned { get; } = isOwned;

    /// <summary>Makes the broker.</summary>
    public Func<ActorSystem, IBroker> Create { get; } = create;
}

/// <summary>How an extension such as <c>WithRedisResults</c> names the store of results: <c>builder.AddSetup(new ResultBackendSetup(…))</c>.</summary>
/// <param name="create">Makes the backend.</param>
/// <param name="isOwned">Whether it is disposed when the system stops; false for one that others share.</param>
public sealed class ResultBackendSetup(Func<ActorSystem, IResultBackend> create, bool isOwned = true) : Setup
{
    /// <summary>Whether the backend is disposed when the system stops.</summary>
    public bool IsOwned { get; } = isOwned;

    /// <summary>Makes the backend.</summary>
    public Func<ActorSystem, IResultBackend> Create { get; } = create;
}

/// <summary>Brings what was declared to the extension that starts it.</summary>
internal sealed class DramatiqSetup(DramatiqBuilder builder) : Setup
{
    public DramatiqBuilder Builder { get; } = builder;
}
