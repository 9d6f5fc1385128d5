using Akka.Event;
using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Telemetry;

namespace Dramatiq.Akka.Workers;

// Idle --Work--> Busy --Outbound--> Idle ; Busy --Abandon--> Busy (without the handler) --Outbound--> Stuck --CameBack--> stopped
internal sealed class WorkerActor : ActorBase
{
    private readonly string _queue;
    private readonly WorkerSlot _slot;
    private readonly WorkerBlueprint _blueprint;
    private readonly IActorRef _consumer;
    private readonly IActorRef _pool = Context.Parent;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly WorkerPool.Idle _idle;
    private readonly Settler _settler;
    private readonly WorkerTelemetry _telemetry;
    private readonly IActorRef?[] _handlers;

    // The stages by slot, and in the last place the handler of the message in hand.
    private readonly IActorRef[] _places;

    // Why the worker itself stands in a place: who belongs there could not be built, or was stopped.
    private readonly Exception?[] _losses;
    private ulong _built;
    private long _names;
    private MessageContext? _inHand;
    private CancellationTokenRegistration _slotLost;

    // The message whose handler was given up and has not come back, and the handler.
    private MessageContext? _abandoned;
    private IActorRef? _stuck;

    public WorkerActor(string queue, WorkerSlot slot, WorkerBlueprint blueprint, IActorRef consumer)
    {
        _queue = queue;
        _slot = slot;
        _blueprint = blueprint;
        _consumer = consumer;
        _idle = new WorkerPool.Idle(slot);
        _settler = blueprint.Pipeline.Services.Settler;
        _telemetry = new WorkerTelemetry(blueprint.Pipeline);
        _handlers = new IActorRef?[blueprint.HandlerCount];
        _places = new IActorRef[blueprint.Pipeline.StageCount + 1];
        Array.Fill(_places, ActorRefs.Nobody);
        _losses = new Exception?[_places.Length];
    }

    protected override void PreStart()
    {
        _telemetry.Started();
        Context.System.EventStream.Publish(new Signals.AfterWorkerStart(_queue, Self));
    }

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case Work work: Begin(work); return true;
            case Inbound inbound: StandIn(inbound.Context); return true;
            case Outbound { Context.Holder: >= 0 } outbound: StandIn(outbound.Context); return true;
            case Outbound outbound: End(outbound.Context, outbound.Outcome); return true;
            case Worker.Abandon abandon: OnAbandon(abandon); return true;
            case Worker.CameBack back: OnCameBack(back.Context); return true;
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
        _abandoned?.Close();
        _telemetry.Stopped();
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
        _inHand.ResultTtl = _settler.TtlOf(work.Message, work.Actor);
        if (work.Slot is { } slot)
            _slotLost = slot.Lost.UnsafeRegister(static context => ((MessageContext)context!).Cancel(CancellationReason.RateLimitLost), _inHand);
        if (_blueprint.Announces)
            Context.System.EventStream.Publish(new LifeSignals.Started(work.Message, _inHand.Attempt, Self));
        _telemetry.Begin(_inHand, _slot.Since);
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
            outcome = Decided(context, undecided);

        // Its successor is at the broker: returned besides, there would be two of it, and more with each attempt.
        if (outcome is Outcome.Returned returned && context.Decision is Outcome.Retried retried)
        {
            _log.Error("{0} {1} on {2}: its retry is published, and what else follows from its failure is given up: {3}", context.Actor.Name, context.Message.MessageId, _queue, returned.Reason);
            outcome = retried;
        }

        _inHand = null;
        _slotLost.Unregister();
        _telemetry.End(context, outcome);
        if (outcome is Outcome.Skipped skipped)
            Context.System.EventStream.Publish(new Signals.AfterSkipMessage(context.Message, skipped.Reason));
        if (_blueprint.Announces)
            Context.System.EventStream.Publish(new LifeSignals.Ended(context.Message, context.Attempt, outcome));
        var hasFailed = outcome is Outcome.Retried or Outcome.Failed or Outcome.Dead { Error: not null };
        _settler.Settle(context, outcome, Settling.Of(context, outcome, _log, _blueprint.Time), hasFailed, _consumer);
        if (_stuck is null && context.Actor.Handler is { FreshForEachMessage: true } factory)
            DropHandler(factory);
        context.Close();
        if (_stuck is not null)
            _pool.Tell(new WorkerPool.Stuck(_slot), Self);
        else
            _pool.Tell(_idle, Self);
    }

    /// <summary>A stage failed on the way back from Retries: what Retries has made safe at the broker stands, or else the message would run twice.</summary>
    private Outcome Decided(MessageContext context, Outcome.Failed failed)
    {
        if (context.Decision is not { } decision)
            return new Outcome.Returned($"Retries itself failed: {failed.Error.Message}", CountsAsDelivery: true);

        _log.Error(failed.Error, "{0} {1} on {2}: a stage failed after Retries had decided, which stands: {3}", context.Actor.Name, context.Message.MessageId, _queue, failed.Error.Message);
        return decision;
    }

    private void OnAbandon(Worker.Abandon abandon)
    {
        // The handler may have come back while this message was on its way; and a stage that has the message may wait as long as it likes.
        if (abandon.Context != _inHand || _inHand.Holder != _inHand.Slip.Handler)
            return;

        _log.Error("{0} {1} on {2}: {3}", _inHand.Actor.Name, _inHand.Message.MessageId, _queue, abandon.Error.Message);
        Context.System.EventStream.Publish(new Signals.HandlerAbandoned(_queue, _inHand.Actor.Name, _inHand.Message));
        _abandoned = _inHand;
        _stuck = _places[_inHand.Slip.Handler];
        _inHand = _inHand.Abandon();
        Fail(_inHand, abandon.Error);
    }

    /// <summary>What the handler did in the end is not asked. With its message still in hand the worker goes on; else it was replaced, and stops.</summary>
    private void OnCameBack(MessageContext? context)
    {
        if (context is null || context != _abandoned)
            return;

        _abandoned.Close();
        _abandoned = null;
        _stuck = null;
        if (_inHand is null)
            Context.Stop(Self);
    }

    private Directive OnChildFailed(IActorRef child, Exception error)
    {
        var cause = FailureOf.Cause(error);
        if (child.Equals(_stuck))
        {
            _log.Info("Queue {0}: the abandoned handler {1} came back with {2}: {3}", _queue, child.Path.Name, cause.GetType().Name, cause.Message);
            OnCameBack(_abandoned);
            return Directive.Restart;
        }

        // A handler that is fresh for each message is not restarted, since the next message has another.
        var place = Array.IndexOf(_places, child);
        var isHandler = place == _places.Length - 1;
        var isLost = error is ActorInitializationException or ActorKilledException || (isHandler && _inHand?.Actor.Handler is { FreshForEachMessage: true });
        if (isLost)
            Replace(child, place, cause);

        if (_inHand is { } context && place >= 0 && context.Holder == place)
        {
            if (Fatal.Is(cause))
            {
                _log.Error(cause, "{0} {1} on {2}: {3}. The process is no longer to be trusted; consumers and workers start anew, and the message goes back to its queue.",
                    context.Actor.Name, context.Message.MessageId, _queue, cause.GetType().Name);
                return Directive.Escalate;
            }

            if (error is not ActorKilledException || !GiveAgain(context, place))
                Fail(context, FailureOf.Handler(context, isHandler, cause));
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

        return isLost ? Directive.Stop : FailureOf.IsExpected(_inHand, cause) ? Directive.Resume : Directive.Restart;
    }

    private void OnTerminated(IActorRef child)
    {
        if (child.Equals(_stuck))
        {
            Replace(child, Array.IndexOf(_places, child), new HandlerStoppedException(_queue, child.Path.Name));
            OnCameBack(_abandoned);
            return;
        }

        var place = Array.IndexOf(_places, child);
        var error = new HandlerStoppedException(_inHand?.Actor.Name ?? _queue, child.Path.Name);
        Replace(child, place, error);
        if (_inHand is { } context && place >= 0 && context.Holder == place && !GiveAgain(context, place))
            Fail(context, error);
    }

    /// <summary>
    /// A holder that stopped before it began, on the way to the handler, was stopped by an earlier message's doing, for which this one does not pay: a successor is built
    /// and gets it. Once; a second loss is a failure.
    /// </summary>
    private bool GiveAgain(MessageContext context, int place)
    {
        if (context.IsTaken || context.IsGivenAgain)
            return false;

        context.IsGivenAgain = true;
        if (place < _places.Length - 1)
            BuildStages(1UL << place);
        else
            _places[place] = _handlers[context.Actor.Handler!.Index] = BuildHandler(context.Actor.Handler);
        _places[place].Tell(new Inbound(context), Self);
        return true;
    }

    /// <summary>
    /// The worker takes the place of a lost child, so that a message on its way there does not get lost as well. A stage writes who holds the message and then reads the
    /// place; here the place is written and then the holder read: either the message comes to the worker, or the caller sees that it is too late.
    /// </summary>
    private void Replace(IActorRef child, int place, Exception loss)
    {
        var handler = Array.IndexOf(_handlers, child);
        if (handler >= 0)
            _handlers[handler] = null;
        if (place < 0)
            return;

        if (place < _places.Length - 1)
            _built &= ~(1UL << place);
        _losses[place] = loss;
        Interlocked.Exchange(ref _places[place], Self);
    }

    /// <summary>A message has come to a place where the worker stands in for who was lost.</summary>
    private void StandIn(MessageContext context)
    {
        if (context == _inHand && context.Holder is >= 0 and var place && Self.Equals(_places[place])
            && !(_losses[place] is HandlerStoppedException or ActorKilledException && GiveAgain(context, place)))
            Fail(context, FailureOf.Handler(context, place == _places.Length - 1, _losses[place]!));
    }

    /// <summary>The child that has the message cannot pass it on: the worker does, as failed.</summary>
    private void Fail(MessageContext context, Exception error) =>
        context.Backward(new Outbound(context, FailureOf.OutcomeOf(context, error)), Self);

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
}
