using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Results;
using Dramatiq.Akka.Telemetry;

namespace Dramatiq.Akka.Stages;

/// <summary>What middleware and its stages may need from the system they run in: <see cref="Middleware.Services"/>.</summary>
public sealed class MiddlewareServices
{
    private volatile bool _isShuttingDown;
    private IActorRef? _gateway;
    private Declarations? _declarations;

    internal MiddlewareServices(TimeProvider time, Random random, WireJson json, IServiceProvider provider)
    {
        Time = time;
        Random = random;
        Json = json;
        Provider = provider;
        Telemetry = new TaskTelemetry(provider, time);
    }

    /// <summary>The clock, which a test may have replaced.</summary>
    public TimeProvider Time { get; }

    /// <summary>Where jitter comes from. Safe for several threads, as long as the one given to the builder is.</summary>
    public Random Random { get; }

    /// <summary>How arguments and results become JSON.</summary>
    public WireJson Json { get; }

    /// <summary>The application's services, without a scope.</summary>
    public IServiceProvider Provider { get; }

    /// <summary>The queue gateway. There once stages are built.</summary>
    /// <exception cref="InvalidOperationException">The system has not started.</exception>
    public IActorRef Gateway
    {
        get => _gateway ?? throw new InvalidOperationException("The gateway is not running yet: ask for it in a stage, not while middleware is registered.");
        internal set => _gateway = value;
    }

    /// <summary>Every declared actor. There once stages are built.</summary>
    /// <exception cref="InvalidOperationException">The actors are being declared.</exception>
    public Declarations Declarations
    {
        get => _declarations ?? throw new InvalidOperationException("The actors are not declared yet: ask for them in a stage, or in Middleware.Check.");
        internal set => _declarations = value;
    }

    /// <summary>What stores results; null where no store is named. There once stages are built.</summary>
    internal ResultRecorder? Results { get; set; }

    /// <summary>What is done for groups; null where no store counts them. There once stages are built.</summary>
    internal Groups? Groups { get; set; }

    /// <summary>What is done before a delivery is settled. There once stages are built.</summary>
    internal Workers.Settler Settler { get; set; } = new(null, null);

    internal TaskTelemetry Telemetry { get; }

    /// <summary>Whether the process drains. For a stage that was built too late to hear the signal.</summary>
    internal bool IsShuttingDown
    {
        get => _isShuttingDown;
        set => _isShuttingDown = value;
    }
}
