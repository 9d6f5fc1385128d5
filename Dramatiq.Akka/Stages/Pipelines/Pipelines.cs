using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Stages;

/// <summary>Enqueues the message that <c>pipe_target</c> holds when its own has succeeded, with the result as its last argument.</summary>
public sealed class Pipelines : Middleware
{
    /// <inheritdoc />
    public override IReadOnlyList<ActorOption> Options { get; } = [ActorOption.Flag(OptionNames.PipeIgnore)];

    /// <inheritdoc />
    public override IReadOnlyList<string> MessageOptions { get; } = [OptionNames.PipeTarget];

    /// <inheritdoc />
    public override bool ReadsResult => true;

    /// <inheritdoc />
    public override Props ProcessingStage => Props.Create(() => new PipelinesStage(Services));

    /// <summary>Only a message can call for it.</summary>
    public override bool IsNeededBy(DeclaredActor actor) => false;
}
