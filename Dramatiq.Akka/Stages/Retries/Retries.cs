using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Stages;

/// <summary>
/// Tries failed messages again, waiting longer each time, and gives them up to the dead-letter queue when no retry is left.
/// Without it, a failed message is acked as done, as in Dramatiq; to have no retries, set <c>max_retries</c> to 0 instead.
/// </summary>
public sealed class Retries : Middleware
{
    private readonly RetriesSettings _defaults;

    internal Retries(RetriesSettings defaults) => _defaults = defaults;

    /// <inheritdoc />
    public override IReadOnlyList<ActorOption> Options { get; } =
    [
        ActorOption.Count(OptionNames.MaxRetries),
        ActorOption.Duration(OptionNames.MinBackoff),
        ActorOption.Duration(OptionNames.MaxBackoff),
        ActorOption.Of<Func<int, Exception, bool>>("retry_when", "a function of the retries so far and the exception"),
        ThrowsOption.Definition,
        ActorOption.ActorName(OptionNames.OnRetryExhausted),
    ];

    /// <inheritdoc />
    public override IReadOnlyList<string> MessageOptions => [];

    /// <inheritdoc />
    public override bool DecidesFailures => true;

    /// <inheritdoc />
    public override Props ProcessingStage => Props.Create(() => new RetriesStage(this, Services));

    /// <inheritdoc />
    public override object Prepare(DeclaredActor actor) => RetriesSettings.Of(actor, _defaults);

    /// <inheritdoc />
    public override void Check(DeclaredActor actor, Declarations declarations) =>
        CallbackTarget.Check(actor, OptionNames.OnRetryExhausted, declarations);
}
