using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Stages;

/// <summary>Publishes callbacks on the way back, and checks on the way in that those a message names can be reached.</summary>
internal sealed class CallbacksStage(MiddlewareServices services) : PublishingStage(services)
{
    protected override void Before(MessageContext context)
    {
        if ((Unknown(context, OptionNames.OnSuccess) ?? Unknown(context, OptionNames.OnFailure)) is { } error)
            Pass(context, new Outcome.Dead(error.Message, error));
        else
            Pass(context);
    }

    protected override void After(MessageContext context, Outcome outcome)
    {
        switch (outcome)
        {
            case Outcome.Succeeded succeeded when Target(context, OptionNames.OnSuccess) is { } target:
                PublishThenPass(context, outcome, CallbackTarget.MessageTo(target, context.Message, succeeded.Json.Span, Services), null);
                break;
            case Outcome.Failed or Outcome.Retried or Outcome.Dead when ErrorOf(outcome) is { } error && Target(context, OptionNames.OnFailure) is { } target:
                PublishThenPass(context, outcome, CallbackTarget.MessageTo(target, context.Message, Described(error), Services, Attempted(context, outcome)), null);
                break;
            default:
                Pass(context, outcome);
                break;
        }
    }

    private static Exception? ErrorOf(Outcome outcome) => outcome switch
    {
        Outcome.Failed failed => failed.Error,
        Outcome.Retried retried => retried.Error,
        Outcome.Dead dead => dead.Error,
        _ => null,
    };

    private DeclaredActor? Target(MessageContext context, string option) =>
        CallbackTarget.NameOf(context, option, context.Actor.Option<string?>(option, null)) is { } name
        && Services.Declarations.TryGet(name, out var target)
            ? target
            : null;

    private UnknownTargetException? Unknown(MessageContext context, string option) =>
        context.Message.Options.TryGetString(option, out var name) && name.Length > 0 && !Services.Declarations.TryGet(name, out _)
            ? new UnknownTargetException(context.Actor.Name, option, name, Services.Declarations.KnownNames)
            : null;

    /// <summary>Nothing where Retries has yet to decide, since a stage behind this one failed by itself.</summary>
    private MessageOptions Attempted(MessageContext context, Outcome outcome) => outcome is Outcome.Failed && Services.Declarations.Pipeline.Decider >= 0
        ? MessageOptions.Empty
        : MessageOptions.Empty.WithRaw(OptionNames.FailedAttempt, new FailedAttempt(context.Attempt, context.MaxAttempts, outcome is not Outcome.Retried).Write());

    private static ReadOnlySpan<byte> Described(Exception error)
    {
        var detail = new WireWriter();
        detail.WriteStartObject();
        detail.WriteName("type");
        detail.WriteString(error.GetType().Name);
        detail.WriteName("message");
        detail.WriteString(error.Message);
        detail.WriteEndObject();
        return detail.Written;
    }
}
