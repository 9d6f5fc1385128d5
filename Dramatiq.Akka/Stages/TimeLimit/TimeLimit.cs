using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Stages;

/// <summary>
/// Cancels a handler's token when it has run too long. One that does not heed it within the grace period is given up: its message fails, and a fresh
/// worker takes the place of the one that holds it.
/// </summary>
public sealed class TimeLimit : Middleware
{
    private readonly double _defaultMs;

    /// <param name="limitMs">For actors that set none, in milliseconds; infinite for no limit.</param>
    /// <param name="grace">How long a handler may take to heed its token.</param>
    internal TimeLimit(double limitMs, TimeSpan grace)
    {
        _defaultMs = limitMs;
        Grace = grace;
    }

    /// <inheritdoc />
    public override IReadOnlyList<ActorOption> Options { get; } = [ActorOption.Duration(OptionNames.TimeLimit)];

    /// <inheritdoc />
    public override Props ProcessingStage => Props.Create(() => new TimeLimitStage(this, Services));

    internal TimeSpan Grace { get; }

    /// <inheritdoc />
    public override bool IsNeededBy(DeclaredActor actor) => double.IsFinite(LimitMs(actor));

    /// <summary>What applies to the message, in milliseconds, perhaps infinite. A zero falls through to the next, as in Dramatiq.</summary>
    internal double LimitMs(MessageContext context) =>
        context.Message.Options.TryGetDouble(OptionNames.TimeLimit, out var own) && own > 0 ? own : LimitMs(context.Actor);

    private double LimitMs(DeclaredActor actor) => actor.Option<double?>(OptionNames.TimeLimit, null) is > 0 and var own ? own : _defaultMs;
}
