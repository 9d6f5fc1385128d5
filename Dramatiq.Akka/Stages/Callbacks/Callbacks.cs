using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Stages;

/// <summary>Sends a message to another actor when one has succeeded, or on each of its failed attempts.</summary>
public sealed class Callbacks : Middleware
{
    /// <inheritdoc />
    public override IReadOnlyList<ActorOption> Options { get; } = [ActorOption.ActorName(OptionNames.OnSuccess), ActorOption.ActorName(OptionNames.OnFailure)];

    /// <inheritdoc />
    public override bool ReadsResult => true;

    /// <inheritdoc />
    public override Props ProcessingStage => Props.Create(() => new CallbacksStage(Services));

    /// <inheritdoc />
    public override bool IsNeededBy(DeclaredActor actor) =>
        actor.Option<string?>(OptionNames.OnSuccess, null) is not null || actor.Option<string?>(OptionNames.OnFailure, null) is not null;

    /// <inheritdoc />
    public override void Check(DeclaredActor actor, Declarations declarations)
    {
        CallbackTarget.Check(actor, OptionNames.OnSuccess, declarations);
        CallbackTarget.Check(actor, OptionNames.OnFailure, declarations);
    }
}
