using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Stages;

/// <summary>
/// A middleware's part in processing: an actor of which each worker has one, and which has at most one message in hand.
/// A message comes to <see cref="Before"/> on its way to the handler and to <see cref="After"/> on its way back; each must
/// end in exactly one of <c>Pass</c>, <see cref="Skip"/> or <see cref="Fail"/>, at once or later: a stage that waits pipes a task to itself and goes on
/// in <see cref="OnMessage"/>.
/// </summary>
/// <remarks>An exception in either fails the message, and the stage is built anew.</remarks>
public abstract class Stage : ActorBase
{
    private Inbound? _inbound;
    private Outbound? _outbound;

    /// <summary>A message on its way to the handler. Default: passes it on.</summary>
    protected virtual void Before(MessageContext context) => Pass(context);

    /// <summary>A message on its way back. Default: passes it on. A message that this stage or one before it on the slip held back does not come here.</summary>
    protected virtual void After(MessageContext context, Outcome outcome) => Pass(context, outcome);

    /// <summary>Any other message: the result of a piped task, a timer. Default: unhandled.</summary>
    protected virtual void OnMessage(object message) => Unhandled(message);

    /// <summary>Gives the message to the next on its slip.</summary>
    protected void Pass(MessageContext context)
    {
        var inbound = _inbound is { } received && received.Context == context ? received : new Inbound(context);
        _inbound = null;
        if (!context.IsClosed)
            context.Forward(inbound, Self);
    }

    /// <summary>Gives the message and the outcome to the stage before on its slip.</summary>
    protected void Pass(MessageContext context, Outcome outcome)
    {
        var outbound = _outbound is { } received && received.Context == context && ReferenceEquals(received.Outcome, outcome)
            ? received
            : new Outbound(context, outcome);
        _outbound = null;
        _inbound = null;
        context.Backward(outbound, Self);
    }

    /// <summary>The message need not run: it goes back from here and is acked.</summary>
    protected void Skip(MessageContext context, string reason) => Pass(context, new Outcome.Skipped(reason));

    /// <summary>The message fails here: Retries decides what becomes of it.</summary>
    protected void Fail(MessageContext context, Exception error) => Pass(context, new Outcome.Failed(error));

    /// <summary>Answers for the handler, which does not see the message: it goes back from here as succeeded.</summary>
    /// <exception cref="UnserializableResultException">A stage needs the result as JSON, and it cannot be had.</exception>
    protected void Succeed(MessageContext context, object? result) => Pass(context, context.SucceededWith(result));

    /// <summary>Changes the message for whoever comes after on the slip.</summary>
    protected static void Replace(MessageContext context, Messages.Message message) => context.Replace(message);

    /// <inheritdoc />
    protected sealed override bool Receive(object message)
    {
        switch (message)
        {
            case Inbound inbound:
                inbound.Context.Take();
                _inbound = inbound;
                Before(inbound.Context);
                break;
            case Outbound outbound:
                if (outbound.Context.IsClosed)
                {
                    outbound.Context.TellClosed(Self);
                    break;
                }

                _outbound = outbound;
                After(outbound.Context, outbound.Outcome);
                break;
            default:
                OnMessage(message);
                break;
        }

        return true;
    }
}
