using Akka.Event;
using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Workers;

// Idle --Work--> Busy --Outbound--> Idle ; Busy --Abandon--> Busy (without the handler) --Outbound--> Stuck
internal sealed class WorkerActor : ActorBase
{
    private readonly string _queue;
    private readonly WorkerSlot _slot;
    private readonly WorkerBlueprint _blueprint;
    private readonly IActorRef _consumer;
    private readonly IActorRef _pool = Context.Parent;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly WorkerPool.Idle _idle;
    private readonly IActorRef?[] _handlers;

    // The stages by slot, and in the last place the handler of the message in hand.
    private readonly IActorRef[] _places;
    private ulong _built;
    private long _names;
    private MessageContext? _inHand;
    private bool _stuck;

    public WorkerActor(string queue, WorkerSlot slot, WorkerBlueprint blueprint, IActorRef consumer)
    {
        _queue = queue;
        _slot = slot;
        _blueprint = blueprint;
        _consumer = consumer;
        _idle = new WorkerPool.Idle(slot);
        _handlers = new IActorRef?[blueprint.HandlerCount];
        _places = new IActorRef[blueprint.Pipeline.StageCount + 1];
        Array.Fill(_places, ActorRefs.Nobody);
    }

    protected override void PreStart() => Context.System.EventStream.Publish(new Signals.AfterWorkerStart(_queue, Self));

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case Work work: Begin(work); return true;
            case Outbound outbound: End(outbound.Context, outbound.Outcome); return true;
            case Worker.Abandon abandon: OnAbandon(abandon); return true;
            case Terminated terminated: OnTerminated(terminated.ActorRef); return true;
            default: return false;
        }
    }

    protected override SupervisorStrategy SupervisorStrategy() => new ChildSupervision(OnChildFailed);

    protected override void PostStop()
    {
        _inHand?.Close();
        Context.System.EventStream.Publish(new Signals.BeforeWorkerStop(_queue, Self));
    }

    private void Begin(Work work)
    {
        var slip = work.Actor.SlipFor(work.Message.Options);
        if ((slip.Slots & ~_built) != 0)
            BuildStages(slip.Slots & ~_built);

        var factory = work.Actor.Handler!;
        _places[slip.Handler] = _handlers[factory.Index] ??= BuildHandler(factory);
        _inHand = new MessageContext(work.Message, work.Actor, work.Delivery, slip, _places, Self, _blueprint.Services);
        _inHand.Forward(new Inbound(_inHand), Self);
    }

    private void End(MessageContext context, Outcome outcome)
    {
        if (context != _inHand)
            return;

        // A failure that arose outside of Retries, or before a message came to it, is brought to it now.
        if (outcome is Outcome.Failed && !context.IsDecided && _blueprint.Pipeline.Decider is >= 0 and var decider)
        {
            context.IsDecided = true;
            if ((_built & (1UL << decider)) == 0)
                BuildStages(1UL << decider);
            context.Consult(context.Actor.SlipOf(decider), decider, new Outbound(context, outcome), Self);
            return;
        }

        if (outcome is Outcome.Failed undecided && context.IsDecided)
            outcome = new Outcome.Returned($"Retries itself failed: {undecided.Error.Message}", CountsAsDelivery: true);

        _inHand = null;
        _consumer.Tell(new QueueConsumer.Settled(Settling.Of(context, outcome, _log, _blueprint.Time), context.Message), Self);
        if (context.Actor.Handler is { FreshForEachMessage: true } factory)
            DropHandler(factory);
        context.Close();
        if (_stuck)
            _pool.Tell(new WorkerPool.Stuck(_slot), Self);
        else
            _pool.Tell(_idle, Self);
    }

    private void OnAbandon(Worker.Abandon abandon)
    {
        // The handler, or a stage that waits, may have come back while this message was on its way.
        if (abandon.Context != _inHand || _inHand.Holder <= Array.IndexOf(_places, Sender))
            return;

        _log.Error("{0} {1} on {2}: {3}", _inHand.Actor.Name, _inHand.Message.MessageId, _queue, abandon.Error.Message);
        Context.System.EventStream.Publish(new Signals.HandlerAbandoned(_queue, _inHand.Actor.Name, _inHand.Message));
        _stuck = true;
        _inHand = _inHand.Abandon();
        Fail(_inHand, abandon.Error);
    }

    private Directive OnChildFailed(IActorRef child, Exception error)
    {
        var cause = error is ActorInitializationException { InnerException: { } inner } ? inner : error;
        if (_inHand is { } context && IsHolder(context, child))
        {
            if (Fatal.Is(cause))
            {
                _log.Error(cause, "{0} {1} on {2}: {3}. The process is no longer to be trusted; consumers and workers start anew, and the message goes back to its queue.",
                    context.Actor.Name, context.Message.MessageId, _queue, cause.GetType().Name);
                return Directive.Escalate;
            }

            Fail(context, FailureOf.Handler(context, child.Equals(_places[context.Slip.Handler]), cause));
        }
        else if (child.Path.Name is var name)
        {
            _log.Error(cause, "Queue {0}: {1} failed with no message in hand.", _queue, name);
        }

        if (error is ActorInitializationException or ActorKilledException)
        {
            Forget(child);
            return Directive.Stop;
        }

        return FailureOf.IsExpected(_inHand, cause) ? Directive.Resume : Directive.Restart;
    }

    private void OnTerminated(IActorRef child)
    {
        if (_inHand is { } context && IsHolder(context, child))
            Fail(context, new HandlerStoppedException(context.Actor.Name, child.Path.Name));
        Forget(child);
    }

    /// <summary>The child that has the message cannot pass it on: the worker does, as failed.</summary>
    private void Fail(MessageContext context, Exception error) =>
        context.Backward(new Outbound(context, FailureOf.Outcome(context, error)), Self);

    private static bool IsHolder(MessageContext context, IActorRef child) =>
        context.Holder is >= 0 and var holder && context.IsHeldBy(child, holder);

    private void BuildStages(ulong missing)
    {
        for (var slot = 0; slot < _blueprint.Pipeline.StageCount; slot++)
            if ((missing & (1UL << slot)) != 0)
                _places[slot] = Context.Watch(Context.ActorOf(_blueprint.Pipeline.StageProps(slot), ActorPathName.From(_blueprint.Pipeline.StageName(slot), ++_names)));
        _built |= missing;
    }

    private IActorRef BuildHandler(HandlerFactory factory) =>
        Context.Watch(Context.ActorOf(factory.Create(_blueprint.Services), ActorPathName.From(factory.Name, ++_names)));

    private void DropHandler(HandlerFactory factory)
    {
        if (_handlers[factory.Index] is not { } handler)
            return;

        Context.Unwatch(handler);
        Context.Stop(handler);
        _handlers[factory.Index] = null;
    }

    private void Forget(IActorRef child)
    {
        for (var slot = 0; slot < _blueprint.Pipeline.StageCount; slot++)
            if (child.Equals(_places[slot]))
                _built &= ~(1UL << slot);

        for (var i = 0; i < _handlers.Length; i++)
            if (child.Equals(_handlers[i]))
                _handlers[i] = null;
    }
}
