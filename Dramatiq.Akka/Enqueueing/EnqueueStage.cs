using Dramatiq.Akka.Enqueueing;

namespace Dramatiq.Akka.Stages;

/// <summary>
/// A middleware's part in enqueueing: an actor that each message passes before it goes to the broker, retries and callbacks included. <see cref="Before"/> must
/// end in <see cref="Pass"/> or <see cref="Reject"/>, at once or later.
/// </summary>
/// <remarks>An exception rejects the message, and the stage is built anew.</remarks>
public abstract class EnqueueStage : ActorBase
{
    /// <summary>A message on its way to the broker; it may be changed. Default: passes it on.</summary>
    protected virtual void Before(EnqueueContext context) => Pass(context);

    /// <summary>The broker has confirmed the message.</summary>
    protected virtual void After(EnqueueContext context)
    {
    }

    /// <summary>Any other message: the result of a piped task, a timer. Default: unhandled.</summary>
    protected virtual void OnMessage(object message) => Unhandled(message);

    /// <summary>Gives the message to the next enqueue stage, or to the broker.</summary>
    protected static void Pass(EnqueueContext context) => Context.Parent.Tell(new GatewayProtocol.Staged(context));

    /// <summary>The message is not enqueued; whoever sent it is told why.</summary>
    protected static void Reject(EnqueueContext context, string reason, Exception? cause = null) =>
        Context.Parent.Tell(new GatewayProtocol.Rejected(context, reason, cause));

    /// <inheritdoc />
    protected sealed override bool Receive(object message)
    {
        switch (message)
        {
            case GatewayProtocol.BeforeEnqueue before:
                try
                {
                    Before(before.Context);
                }
                catch (Exception error)
                {
                    Reject(before.Context, $"enqueue stage {GetType().Name} threw {error.GetType().Name}: {error.Message}", error);
                    throw;
                }

                break;
            case GatewayProtocol.AfterEnqueue after:
                After(after.Context);
                break;
            default:
                OnMessage(message);
                break;
        }

        return true;
    }
}
