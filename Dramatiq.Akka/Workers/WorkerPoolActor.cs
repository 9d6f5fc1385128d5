using Akka.Event;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Consumers;

namespace Dramatiq.Akka.Workers;

// One behaviour: Run and Idle match messages with workers; Terminated and Stuck replace workers; Resize changes how many there are.
internal sealed class WorkerPoolActor : ReceiveActor
{
    private readonly string _queue;
    private readonly WorkerBlueprint _blueprint;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly PriorityBacklog _backlog = new();
    private readonly Stack<WorkerSlot> _idle = new();
    private readonly Dictionary<IActorRef, WorkerSlot> _slots = [];
    private int _target;
    private int _size;
    private int _busy;
    private int _abandoned;
    private long _names;
    private IActorRef? _awaitsRest;

    public WorkerPoolActor(string queue, int workers, WorkerBlueprint blueprint)
    {
        _queue = queue;
        _blueprint = blueprint;
        _target = workers;

        Receive<WorkerPool.Run>(OnRun);
        Receive<WorkerPool.Idle>(idle => OnIdle(idle.Slot));
        Receive<WorkerPool.Stuck>(stuck => OnStuck(stuck.Slot));
        Receive<WorkerPool.Resize>(OnResize);
        Receive<WorkerPool.HandBack>(_ => OnHandBack());
        Receive<WorkerPool.Forget>(OnForget);
        Receive<WorkerPool.AwaitRest>(_ => OnAwaitRest(Sender));
        Receive<WorkerPool.GetSnapshot>(_ => Sender.Tell(Snapshot()));
        Receive<WorkerPool.GetReport>(question => Sender.Tell(ReportOf(question.Most)));
        Receive<Terminated>(OnTerminated);
    }

    protected override void PreStart() => Grow();

    /// <summary>A worker that fails has a fault of its own, since it turns its children's failures into outcomes: it is stopped, and replaced on its Terminated.</summary>
    protected override SupervisorStrategy SupervisorStrategy() =>
        new OneForOneStrategy(-1, -1, Fatal.DirectiveOr(Directive.Stop), loggingEnabled: true);

    private void OnRun(WorkerPool.Run run)
    {
        for (var i = 0; i < run.Works.Count; i++)
            _backlog.Add(run.Works[i]);

        while (_backlog.Count > 0 && _idle.TryPop(out var slot))
            GiveNext(slot);
    }

    private void OnIdle(WorkerSlot slot)
    {
        slot.InHand = null;
        _busy--;
        if (slot.IsRetiring)
            Context.Stop(slot.Ref);
        else if (_backlog.Count > 0)
            GiveNext(slot);
        else
            _idle.Push(slot);
        TellIfAtRest();
    }

    private void GiveNext(WorkerSlot slot)
    {
        if (!_backlog.TryTake(out var work))
            return;

        Give(slot, work);
    }

    private void Give(WorkerSlot slot, Work work)
    {
        slot.InHand = work;
        slot.Since = _blueprint.Time.GetTimestamp();
        _busy++;
        slot.Ref.Tell(work, Self);
        work.Gate?.Tell(new RateLimits.RateLimitGate.Started(work.Delivery, _idle.Count));
    }

    private void OnStuck(WorkerSlot slot)
    {
        slot.Stuck = slot.InHand;
        slot.InHand = null;
        slot.IsAbandoned = true;
        _busy--;
        if (!slot.IsRetiring)
            _size--;
        _abandoned++;   // until the worker stops, which it does when the handler comes back, if it ever does
        _log.Warning("Queue {0}: a worker was replaced, since its handler did not come back; {1} such handlers run on.", _queue, _abandoned);
        Grow();
        TellIfAtRest();
    }

    private void OnResize(WorkerPool.Resize resize)
    {
        _log.Info("Queue {0}: {1} workers from now on, {2} before.", _queue, resize.Workers, _target);
        _target = resize.Workers;
        foreach (var slot in _slots.Values)
        {
            if (_size <= _target)
                break;
            if (!slot.IsRetiring && !slot.IsAbandoned)
                Retire(slot);
        }

        Grow();
        Sender.Tell(WorkerPool.Resized.Instance);
    }

    private void OnHandBack()
    {
        Sender.Tell(new WorkerPool.HandedBack(_backlog.TakeAll()));
        TellIfAtRest();
    }

    private void OnForget(WorkerPool.Forget forget)
    {
        _backlog.RemoveAll(work =>
        {
            if (!ReferenceEquals(work.Delivery.Consumer, forget.Consumer))
                return false;

            if (work.Slot is not null)
                Context.Parent.Tell(new QueueConsumer.Settled(Settlement.Return(work.Delivery), work.Message));   // for the room that it has
            return true;
        });
        TellIfAtRest();
    }

    private WorkerPool.Snapshot Snapshot() => new(_size, _busy, _backlog.Count, _abandoned);

    private WorkerPool.Report ReportOf(int most) => most == 0
        ? new WorkerPool.Report(Snapshot(), [], [])
        : new WorkerPool.Report(Snapshot(), [.. _slots.Values.Where(static slot => (slot.InHand ?? slot.Stuck) is not null).OrderBy(static slot => slot.Since).Take(most)
            .Select(static slot => new WorkerPool.Running(slot.Ref.Path.Name, (slot.InHand ?? slot.Stuck)!, slot.Since, slot.IsAbandoned, slot.IsRetiring))], _backlog.Some(most));

    private void OnAwaitRest(IActorRef asker)
    {
        _awaitsRest = asker;
        TellIfAtRest();
    }

    private void TellIfAtRest()
    {
        if (_awaitsRest is not { } asker || _busy > 0 || _backlog.Count > 0)
            return;

        _awaitsRest = null;
        asker.Tell(WorkerPool.AtRest.Instance);
    }

    private void Retire(WorkerSlot slot)
    {
        slot.IsRetiring = true;
        _size--;
        if (slot.InHand is not null)
            return;

        Context.Stop(slot.Ref);
        RemoveIdle(slot);
    }

    private void RemoveIdle(WorkerSlot slot)
    {
        var others = _idle.Where(idle => idle != slot).Reverse().ToArray();
        _idle.Clear();
        foreach (var idle in others)
            _idle.Push(idle);
    }

    private void OnTerminated(Terminated terminated)
    {
        if (!_slots.Remove(terminated.ActorRef, out var slot))
            return;

        if (slot.IsAbandoned)
        {
            _abandoned--;
            _log.Info("Queue {0}: an abandoned handler has come back; {1} are left.", _queue, _abandoned);
            return;
        }

        if (slot.InHand is { } lost)
        {
            _busy--;
            _log.Error("Queue {0}: worker {1} was lost with {2} {3} in hand; the message goes back to the queue, and a new worker takes its place.",
                _queue, terminated.ActorRef.Path.Name, lost.Actor.Name, lost.Message.MessageId);
            Context.Parent.Tell(new QueueConsumer.Settled(Settlement.Requeue(lost.Delivery), lost.Message));
        }
        else if (!slot.IsRetiring)
        {
            _log.Warning("Queue {0}: idle worker {1} was stopped from outside; a new one takes its place.", _queue, terminated.ActorRef.Path.Name);
            RemoveIdle(slot);
        }

        if (!slot.IsRetiring)
            _size--;
        Grow();
        TellIfAtRest();
    }

    private void Grow()
    {
        while (_size < _target)
        {
            var slot = new WorkerSlot();
            slot.Ref = Context.Watch(Context.ActorOf(Worker.Create(_queue, slot, _blueprint, Context.Parent), "worker-" + ++_names));
            _slots.Add(slot.Ref, slot);
            _size++;
            if (_backlog.TryTake(out var work))
                Give(slot, work);
            else
                _idle.Push(slot);
        }
    }
}
