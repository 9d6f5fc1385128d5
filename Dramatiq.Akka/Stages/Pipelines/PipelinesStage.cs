using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Stages;

/// <summary>Reads <c>pipe_target</c> on the way in, so that a broken one fails before work is done for nothing, and enqueues it on the way back.</summary>
internal sealed class PipelinesStage(MiddlewareServices services) : PublishingStage(services)
{
    /// <summary>A thousand years: what a TimeSpan and an eta can still hold.</summary>
    private const long LongestDelayMs = 1_000L * 366 * 86_400_000;

    private Message? _next;

    protected override void Before(MessageContext context)
    {
        _next = null;
        if (context.Message.Options.TryGetRaw(OptionNames.PipeTarget, out var target) && !context.Message.Options.IsNull(OptionNames.PipeTarget))
        {
            try
            {
                _next = Message.Decode(target, Services.Time);
            }
            catch (DecodeException error)
            {
                Pass(context, new Outcome.Dead("its pipe_target is no message: " + error.Message, error));
                return;
            }
        }

        Pass(context);
    }

    protected override void After(MessageContext context, Outcome outcome)
    {
        if (outcome is not Outcome.Succeeded succeeded || _next is not { } next)
        {
            Pass(context, outcome);
            return;
        }

        if (!next.Options.IsTruthy(OptionNames.PipeIgnore) && !context.Actor.Option(OptionNames.PipeIgnore, false))
            next = next.With(args: PipedArguments.WithLast(next.Args.Span, succeeded.Json.Span));

        TimeSpan? delay = next.Options.TryGetInt64(OptionNames.Delay, out var milliseconds) ? TimeSpan.FromMilliseconds(Math.Clamp(milliseconds, 0, LongestDelayMs)) : null;
        PublishThenPass(context, outcome, next, delay);
    }
}
