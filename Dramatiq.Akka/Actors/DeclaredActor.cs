using Dramatiq.Akka.Actors.Binding;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Telemetry;

namespace Dramatiq.Akka.Actors;

/// <summary>
/// An actor in Dramatiq's sense, declared: its name, queue and options, what its arguments are, and who runs it. Complete
/// before any Akka actor is built, and never changed afterwards.
/// </summary>
public sealed class DeclaredActor
{
    private readonly object?[] _settings;
    private readonly RoutingSlips _slips;

    internal DeclaredActor(ActorDeclaration declaration, IReadOnlyDictionary<string, object?> options, MiddlewarePipeline pipeline, WireJson json)
    {
        Json = json;
        Name = declaration.Name;
        Queue = declaration.Queue;
        Priority = declaration.Priority;
        TaskType = declaration.TaskType;
        Signature = declaration.Signature;
        Handler = declaration.Handler;
        Options = options;
        Telemetry = pipeline.Services.Telemetry.Declare(Queue, Name, HasHandler);
        ExposesCurrentMessage = pipeline.All.Any(middleware => middleware is Stages.CurrentMessage);
        _settings = pipeline.Prepare(this);
        _slips = new RoutingSlips(pipeline, pipeline.SlotsOf(this));
    }

    /// <summary>The <c>actor_name</c> on the wire.</summary>
    public string Name { get; }

    /// <summary>The canonical name of its queue.</summary>
    public string Queue { get; }

    /// <summary>Lower runs first among what one worker pool has in hand.</summary>
    public int Priority { get; }

    /// <summary>The C# type whose constructor is the signature; null for an actor declared with a delegate.</summary>
    public Type? TaskType { get; }

    /// <summary>Whether this process runs it; false where it was declared only to be sent to.</summary>
    public bool HasHandler => Handler is not null;

    /// <summary>Its options by wire name, as they were declared; what is not there has the middleware's default.</summary>
    public IReadOnlyDictionary<string, object?> Options { get; }

    /// <summary>The stages that each of its messages passes, in order, when the message itself brings no options.</summary>
    public IReadOnlyList<string> StageNames => _slips.Names;

    internal TaskSignature? Signature { get; }

    internal WireJson Json { get; }

    internal ActorTelemetry Telemetry { get; }

    internal bool ExposesCurrentMessage { get; }

    internal HandlerFactory? Handler { get; }

    /// <summary>What <see cref="Middleware.Prepare"/> computed for this actor.</summary>
    /// <typeparam name="T">The type that the middleware gave.</typeparam>
    /// <param name="middleware">The middleware that asks.</param>
    public T SettingsOf<T>(Middleware middleware) where T : class => (T)_settings[middleware.Index]!;

    /// <summary>A declared option, or <paramref name="otherwise"/> where none was declared.</summary>
    public T Option<T>(string name, T otherwise) => Options.TryGetValue(name, out var value) ? (T)value! : otherwise;

    internal RoutingSlip SlipFor(MessageOptions options) => _slips.For(options);

    internal RoutingSlip SlipOf(int slot) => _slips.Only(slot);
}
