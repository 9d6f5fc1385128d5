using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Results;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Stages;

/// <summary>
/// Holds a message that others follow (the next step of a pipeline, a callback, the end of a group) until its result is stored, so that they find it. Any other is stored once its worker is done
/// with it, and keeps no worker waiting: see <see cref="ResultRecorder"/>.
/// </summary>
internal sealed class ResultsStage(Results middleware, MiddlewareServices services) : Stage
{
    private StageOrder? _waiting;

    protected override void After(MessageContext context, Outcome outcome)
    {
        if (outcome is Outcome.Succeeded succeeded && IsFollowed(context) && middleware.Stores(context.Message, context.Actor, out var ttl))
            _waiting = services.Results!.Store(context, succeeded, ttl, Self);
        else
            Pass(context, outcome);
    }

    protected override void OnMessage(object message)
    {
        if (message is not StageOrder.Answer answer)
        {
            Unhandled(message);
            return;
        }

        if (!ReferenceEquals(answer.Order, _waiting))
            return;   // from before this stage was built anew

        _waiting = null;
        if (ReferenceEquals(answer.Next, answer.Order.Outcome))
            answer.Order.Context.StoredOutcome = answer.Next;
        Pass(answer.Order.Context, answer.Next);
    }

    private static bool IsFollowed(MessageContext context) => context.Slip.ReadsResultTwice;
}
