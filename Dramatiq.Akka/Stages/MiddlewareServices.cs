using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Stages;

/// <summary>What the stages of this library need from the system they run in.</summary>
internal sealed class MiddlewareServices(TimeProvider time, Random random, WireJson json)
{
    private IActorRef? _gateway;
    private Actors.Declarations? _declarations;

    public TimeProvider Time => time;

    /// <summary>Where jitter comes from. A test gives its own.</summary>
    public Random Random => random;

    public WireJson Json => json;

    /// <summary>Set once, before any stage is built.</summary>
    public IActorRef Gateway
    {
        get => _gateway ?? throw new InvalidOperationException("The gateway is not running yet.");
        set => _gateway = value;
    }

    /// <summary>Set once, before any stage is built.</summary>
    public Actors.Declarations Declarations
    {
        get => _declarations ?? throw new InvalidOperationException("The actors are not declared yet.");
        set => _declarations = value;
    }
}
