using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Stages;

/// <summary>Sends messages that are too old to the dead-letter queue instead of running them. Age counts from when the message was first made, retries included.</summary>
public sealed class AgeLimit : Middleware
{
    private readonly double _defaultMs;

    /// <param name="maxAgeMs">For actors that set none, in milliseconds; 0 for no limit.</param>
    internal AgeLimit(double maxAgeMs) => _defaultMs = maxAgeMs;

    /// <inheritdoc />
    public override IReadOnlyList<ActorOption> Options { get; } = [ActorOption.Duration(OptionNames.MaxAge)];

    /// <inheritdoc />
    public override Props ProcessingStage => Props.Create(() => new AgeLimitStage(this, Services));

    /// <inheritdoc />
    public override bool IsNeededBy(DeclaredActor actor) => MaxAgeMs(actor) > 0;

    /// <summary>What applies to the message, in milliseconds; 0 for no limit. A zero in the message falls through to the actor, and a zero there is none, as in Dramatiq.</summary>
    internal double MaxAgeMs(MessageContext context) =>
        context.Message.Options.TryGetDouble(OptionNames.MaxAge, out var own) && own > 0 ? own : MaxAgeMs(context.Actor);

    private double MaxAgeMs(DeclaredActor actor) => actor.Option<double?>(OptionNames.MaxAge, null) ?? _defaultMs;
}
