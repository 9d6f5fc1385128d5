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
    private MessageContext? _inHand;
    private MessageContext? _stuck;

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
            case Outbound outbound when outbound.Context.Holder == RoutingSlip.Worker: End(outbound.Context, outbound.Outcome); return true;
            case Outbound outbound: Deputize(outbound.Context, outbound); return true;
            case Inbound inbound: Deputize(inbound.Context, inbound); return true;
            case Worker.Abandon abandon: OnAbandon(abandon); return true;
            case Terminated terminated: OnTerminated(terminated.ActorRef); return true;
            default: return false;
        }
    }

    protected override SupervisorStrategy SupervisorStrategy() => new ChildSupervision(OnChildFailed);

    protected override void PostStop()
    {
        // Whoever stopped this worker cut its handler off: the message goes back, and a handler that heeds its token does not run beside its successor.
        _inHand?.Cancel(CancellationReason.Shutdown);
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
            outcome = new Outcome.Returned($"Retries itself failed: {undecided.Error.Message}");

        _inHand = null;
        _consumer.Tell(new QueueConsumer.Settled(Settling.Of(context, outcome, _log, _blueprint.Time), context.Message), Self);
        if (context.Actor.Handler is { FreshForEachMessage: true } factory)
            DropHandler(factory);
        context.Close();
        if (_stuck is { } stuck)
        {
            _pool.Tell(new WorkerPool.Stuck(_slot), Self);
            var pool = _pool;
            stuck.WhenHandlerEnded(() => pool.Tell(WorkerPool.CameBack.Instance, ActorRefs.NoSender));
        }
        else
        {
            _pool.Tell(_idle, Self);
        }
    }

    private void OnAbandon(Worker.Abandon abandon)
    {
        // The handler may have come back while this message was on its way.
        if (abandon.Context != _inHand || _inHand.Holder != _inHand.Slip.Handler)
            return;

        _log.Error("{0} {1} on {2}: {3}", _inHand.Actor.Name, _inHand.Message.MessageId, _queue, abandon.Error.Message);
        Context.System.EventStream.Publish(new Signals.HandlerAbandoned(_queue, _inHand.Actor.Name, _inHand.Message));
        _stuck = _inHand;
        _inHand = _inHand.Abandon();
        Fail(_inHand, abandon.Error);
    }

    private Directive OnChildFailed(IActorRef child, Exception error)
    {
        var cause = FailureOf.Construction(error);
        if (_inHand is { } context && IsHolder(context, child))
        {
            if (Fatal.Is(cause))
            {
                _log.Error(cause, "{0} {1} on {2}: {3}. The process is no longer to be trusted; consumers and workers start anew, and the message goes back to its queue.",
                    context.Actor.Name, context.Message.MessageId, _queue, cause.GetType().Name);
                return Directive.Escalate;
            }

            // One that was killed before it began is replaced when it is gone, and its successor is given the message.
            if (error is not ActorKilledException || !MayGiveAgain(context))
                Fail(context, FailureOf.Handler(context, child.Equals(_places[context.Slip.Handler]), cause));
        }
        else if (Fatal.Is(cause))
        {
            _log.Error(cause, "Queue {0}: {1} failed with {2}. The process is no longer to be trusted; consumers and workers start anew.", _queue, child.Path.Name, cause.GetType().Name);
            return Directive.Escalate;
        }
        else
        {
            _log.Error(cause, "Queue {0}: {1} failed with no message in hand: {2}: {3}", _queue, child.Path.Name, cause.GetType().Name, cause.Message);
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
        Forget(child);
        if (_inHand is not { } context || Array.IndexOf(_places, child) is not (>= 0 and var place))
            return;

        // Whatever comes to this place from now on comes to the worker, which builds a successor then.
        if (!context.Replace(place, Self))
            return;

        if (MayGiveAgain(context))
        {
            context.MarkGivenAgain();
            Deputize(context, new Inbound(context));
        }
        else
        {
            Fail(context, new HandlerStoppedException(context.Actor.Name, child.Path.Name));
        }
    }

    /// <summary>A message came for a stage or a handler that has stopped: its successor is built and gets it.</summary>
    private void Deputize(MessageContext context, object message)
    {
        if (context != _inHand || context.Holder is not (>= 0 and var place))
            return;

        if (place == context.Slip.Handler)
            _places[place] = _handlers[context.Actor.Handler!.Index] = BuildHandler(context.Actor.Handler);
        else
            BuildStages(1UL << place);
        _places[place].Tell(message, Self);
    }

    /// <summary>Whether the holder stopped before it began, on the way to the handler, and for the first time: an earlier message's doing then, for which this one does not pay.</summary>
    private static bool MayGiveAgain(MessageContext context) => !context.IsTaken && !context.IsGivenAgain;

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

    private long _names;

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
