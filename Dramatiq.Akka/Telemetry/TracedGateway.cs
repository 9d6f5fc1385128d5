using System.Diagnostics;
using Akka.Dispatch.SysMsg;
using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Enqueueing;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Telemetry;

/// <summary>
/// The gateway as others see it. A mailbox does not carry the current span from the sender to the receiver, so this reference, which runs on the sender's thread, notes it on each order.
/// Without a current span and without a listener it hands everything on as it is.
/// </summary>
internal sealed class TracedGateway(InternalActorRefBase gateway, Declarations declarations) : InternalActorRefBase
{
    public override ActorPath Path => gateway.Path;

    public override IInternalActorRef Parent => gateway.Parent;

    public override IActorRefProvider Provider => gateway.Provider;

    public override bool IsLocal => true;

    public override bool IsTerminated => gateway.IsTerminated;

    public override IActorRef GetChild(IReadOnlyList<string> name) => gateway.GetChild(name);

    public override void Start() => gateway.Start();

    public override void Suspend() => gateway.Suspend();

    public override void Resume(Exception? causedByFailure = null) => gateway.Resume(causedByFailure);

    public override void Restart(Exception cause) => gateway.Restart(cause);

    public override void Stop() => gateway.Stop();

    public override void SendSystemMessage(ISystemMessage message) => gateway.SendSystemMessage(message);

    protected override void TellInternal(object message, IActorRef sender) =>
        gateway.Tell(Tracing.IsOn || Activity.Current is not null ? Noted(message) : message, sender);

    private object Noted(object message) => message switch
    {
        GatewayProtocol.Awaited awaited => awaited with { Order = Noted(awaited.Order) },
        GatewayProtocol.ICommand or IAutoReceivedMessage or EnqueueMany { Tasks: null } => message,   // a stage has noted its own
        Enqueue order => Noted(order),
        EnqueueMany many => new EnqueueMany([.. many.Tasks.Select(task => Noted(task as Enqueue ?? new Enqueue(task)))]),
        _ => new GatewayProtocol.Told(Noted(new Enqueue(message))),
    };

    private Enqueue Noted(Enqueue order)
    {
        if (order.Task is null || order.Options is null)
            return order;   // the gateway refuses it

        var own = TraceParent.IsIn(order.Options);
        var span = Tracing.IsOn && Target(order.Task) is var (queue, actor)
            ? Tracing.StartEnqueue(queue, actor, own ? TraceParent.Read(order.Options) : Activity.Current?.Context ?? default)
            : null;
        return (span ?? (own ? null : Activity.Current)) is { } carried
            ? order with { Options = TraceParent.Write(order.Options, carried), Span = span }
            : order;
    }

    /// <summary>Where a task goes; null for one that the gateway is going to refuse.</summary>
    private (string Queue, string Actor)? Target(object task) => task switch
    {
        ActorCall { Queue: { } queue } call => (queue, call.ActorName),
        ActorCall call => declarations.TryGet(call.ActorName, out var actor) ? (actor.Queue, actor.Name) : null,
        _ => declarations.TryGet(task.GetType(), out var actor) ? (actor.Queue, actor.Name) : null,
    };
}
