using Akka.Event;
using Dramatiq.Akka.Telemetry;

namespace Dramatiq.Akka.Enqueueing;

/// <summary>
/// Answers in place of a gateway that has stopped, so that nobody waits for ever: what comes too late for it is a dead letter. No actor, since it must outlive them all.
/// </summary>
internal sealed class StoppedGateway(ActorPath gateway, IActorRefProvider provider) : MinimalActorRef
{
    public override ActorPath Path { get; } = new RootActorPath(gateway.Address) / "dramatiq-stopped-gateway";

    public override IActorRefProvider Provider => provider;

    protected override void TellInternal(object message, IActorRef sender)
    {
        if (message is not DeadLetter letter || !letter.Recipient.Path.Equals(gateway))
            return;

        var error = new EnqueueFailedException("Not enqueued: the queue gateway has stopped, since the process shuts down.");
        switch (letter.Message)
        {
            case GatewayProtocol.Awaited awaited:
                Tracing.End(awaited.Order.Span, null, error);
                awaited.Completion.TrySetException(error);
                break;
            case GatewayProtocol.PublishAwaited awaited:
                awaited.Completion.TrySetException(error);
                break;
            case GatewayProtocol.Publish publish when !letter.Sender.IsNobody():
                letter.Sender.Tell(new GatewayProtocol.PublishFailed(publish.Correlation, error), ActorRefs.NoSender);
                break;
            case GatewayProtocol.Drain when !letter.Sender.IsNobody():
                letter.Sender.Tell(GatewayProtocol.Drained.Instance, ActorRefs.NoSender);
                break;
            case Enqueue or EnqueueMany when !letter.Sender.IsNobody():
                letter.Sender.Tell(new Status.Failure(error), ActorRefs.NoSender);
                break;
        }
    }
}
