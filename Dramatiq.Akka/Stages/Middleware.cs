using Dramatiq.Akka.Actors;

namespace Dramatiq.Akka.Stages;

/// <summary>
/// A registration: the options that it owns, the stage that messages pass on their way to the handler and back, the stage
/// that they pass while they are enqueued, and an actor that hears <see cref="Signals"/>. Override what you need.
/// </summary>
/// <remarks>Built once in each process, and asked while the host starts; only its stages see messages.</remarks>
public abstract class Middleware
{
    private MiddlewareServices? _services;

    /// <summary>The name by which others are put before or after it. Default: the type's name.</summary>
    public virtual string Name => GetType().Name;

    /// <summary>The options that it owns. An actor declared with an option that no middleware owns is refused.</summary>
    public virtual IReadOnlyList<ActorOption> Options => [];

    /// <summary>
    /// Options of a message that put the stage on its slip even though the declared actor does not need the stage.
    /// Default: the names of <see cref="Options"/>.
    /// </summary>
    public virtual IReadOnlyList<string> MessageOptions => [.. Options.Select(option => option.Name)];

    /// <summary>Whether the stage reads the result of a handler as JSON, and so needs it written.</summary>
    public virtual bool ReadsResult => false;

    /// <summary>
    /// Whether what its stage does on the way back may make others look for the result, so that a result that is stored must be stored before. Default: where it reads the result.
    /// </summary>
    public virtual bool FollowsResult => ReadsResult;

    /// <summary>Whether its stage decides what becomes of a failed message, as Retries does.</summary>
    public virtual bool DecidesFailures => false;

    /// <summary>The processing stage, of which each worker has its own instance; null for none.</summary>
    public virtual Props? ProcessingStage => null;

    /// <summary>The enqueue stage, of which each process has one instance; null for none.</summary>
    public virtual Props? EnqueueStage => null;

    /// <summary>An actor that is told the signals of <see cref="ListensTo"/>; null for none.</summary>
    public virtual Props? Listener => null;

    /// <summary>Which signals the listener is told: types from <see cref="Signals"/>, or a base type of them.</summary>
    public virtual IReadOnlyList<Type> ListensTo => [];

    /// <summary>What it may need from the system. There from its registration on, and so when props are asked for.</summary>
    /// <exception cref="InvalidOperationException">It is not registered.</exception>
    public MiddlewareServices Services
    {
        get => _services ?? throw new InvalidOperationException($"Middleware {Name} is not registered in a running system.");
        internal set => _services = value;
    }

    internal int Index { get; set; } = -1;

    /// <summary>What the stage needs to know of one actor, computed once while the actor is declared; read it with <see cref="DeclaredActor.SettingsOf{T}"/>.</summary>
    /// <exception cref="DeclarationException">The options contradict each other; the text names the actor.</exception>
    public virtual object? Prepare(DeclaredActor actor) => null;

    /// <summary>Whether the stage has something to do for messages of this actor that bring no options of their own. Default true.</summary>
    public virtual bool IsNeededBy(DeclaredActor actor) => true;

    /// <summary>Looks at an actor once all of them are known, to refuse a name that leads nowhere.</summary>
    /// <exception cref="DeclarationException">The actor cannot be run as declared.</exception>
    public virtual void Check(DeclaredActor actor, Declarations declarations)
    {
    }
}
