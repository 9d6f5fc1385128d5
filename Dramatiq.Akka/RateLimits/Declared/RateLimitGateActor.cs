using Akka.Event;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Enqueueing;
using Dramatiq.Akka.Hosting;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.RateLimits;

// A message: parked --room--> admitted --Ended--> gone ; parked --too many, or too long--> away --eta--> parked (as a new delivery)
// A lane: open (asks for several at once) --no room--> full (asks when the counter changes, one of ours ends, or its time comes) --room--> open
internal sealed class RateLimitGateActor : ReceiveActor
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private readonly string _queue;
    private readonly IActorRef _pool;
    private readonly IActorRef _gateway;
    private readonly RateLimiting _middleware;
    private readonly RateLimiters _limiters;
    private readonly RateLimitSettings _settings;
    private readonly int _mostParked;
    private readonly GateClock _clock;
    private readonly Parking _parking;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Admissions _admissions = new();
    private readonly UnclaimedSlots _unclaimed = new();
    private int _idleWorkers;   // as far as is known here: what needs no room takes workers too
    private long _numbers;
    private long _givenBack;
    private bool _isFailing;

    public RateLimitGateActor(ConsumerSettings settings, ConsumerParts parts, IActorRef pool)
    {
        _queue = settings.Queue;
        _pool = pool;
        _gateway = parts.Gateway;
        _middleware = RateLimitGate.MiddlewareOf(parts.Declarations)!;
        _limiters = RateLimiters.Get(Context.System);
        _settings = TaskSystem.Get(Context.System).Settings.RateLimits;
        _idleWorkers = settings.Workers;
        _mostParked = _settings.Parked ?? Math.Max(1, settings.Prefetch - settings.Workers);
        _clock = new GateClock(parts.Time, Self);
        _parking = new Parking(_limiters);

        Receive<WorkerPool.Run>(OnRun);
        Receive<RateLimitGate.Started>(OnStarted);
        Receive<RateLimitGate.Ended>(OnEnded);
        Receive<RateLimitGate.Answered>(OnAnswered);
        Receive<RateLimitGate.AskFailed>(OnAskFailed);
        Receive<RateLimitGate.Watched>(OnWatched);
        Receive<RateLimitGate.WatchFailed>(OnWatchFailed);
        Receive<RateLimitGate.Changed>(OnChanged);
        Receive<RateLimitGate.Tick>(_ => OnTick());
        Receive<GatewayProtocol.Published>(published => Settle((ParkedMessage)published.Correlation, Settlement.Ack));
        Receive<GatewayProtocol.PublishFailed>(OnPublishFailed);
        Receive<WorkerPool.HandBack>(OnHandBack);
        Receive<WorkerPool.Forget>(OnForget);
        Receive<WorkerPool.AwaitRest>(rest => _pool.Forward(rest));
        Receive<RateLimitGate.GetSnapshot>(_ => Sender.Tell(new RateLimitGate.Snapshot(_parking.Count, _parking.Lanes.Count(static lane => lane.Parked.Count > 0), _admissions.Count, _givenBack)));
    }

    protected override void PostStop()
    {
        _clock.Dispose();
        _unclaimed.Close();
        _admissions.Lapse();
    }

    private void OnRun(WorkerPool.Run run)
    {
        List<Work>? free = null;
        for (var i = 0; i < run.Works.Count; i++)
        {
            var work = run.Works[i];
            if (_middleware.LimitOf(work.Actor) is { } limit)
            {
                Park(work, limit);
                continue;
            }

            _idleWorkers = Math.Max(0, _idleWorkers - 1);
            (free ??= new List<Work>(run.Works.Count)).Add(work);
        }

        if (free is not null)
            _pool.Tell(free.Count == run.Works.Count ? run : new WorkerPool.Run(free), Context.Parent);
        KeepToBound();
    }

    private void Park(Work work, ActorLimit limit)
    {
        var lane = _parking.Of(limit.Limit, limit.KeyOf(work.Message));
        _parking.Park(lane, ParkedMessage.Of(work, ++_numbers, _clock.Now, _clock.NowMs, _settings.GiveBackMax));
        _clock.Schedule(_clock.Now + (long)_settings.ParkedFor.TotalMilliseconds);
        if (!lane.IsFull || lane.AskAt == long.MaxValue || lane.Parked.Count == 1)   // nobody asks, nor hears, for a lane that was full and is empty since
            Ask(lane);
    }

    private void Ask(Lane lane)
    {
        while (lane.Asking < Math.Min(lane.Parked.Count, lane.MostQuestions) && !IsAheadOfWorkers(lane))
        {
            lane.Asking++;
            lane.Limiter.AskAsync(CancellationToken.None).AsTask()
                .PipeTo(Self, success: answer => ToAnswered(lane, answer), failure: error => new RateLimitGate.AskFailed(lane, error));
        }
    }

    /// <summary>
    /// Room that is taken long before there is a worker for it is kept from others, and a second's worth of it would start in another second: so only as much is taken ahead as there are idle
    /// workers, and of each key at least one, or those that need no room would never leave a worker to it.
    /// </summary>
    private bool IsAheadOfWorkers(Lane lane) => lane.Asking + lane.Unstarted >= Math.Max(1, _idleWorkers);

    /// <summary>On whatever thread has the answer: the gate may have stopped.</summary>
    private RateLimitGate.Answered ToAnswered(Lane lane, RateLimitAnswer answer)
    {
        if (answer.Slot is { } slot)
            _unclaimed.Add(slot);
        return new RateLimitGate.Answered(lane, answer);
    }

    /// <summary>Something speaks for room in a lane that had none.</summary>
    private void AskAgain(Lane lane)
    {
        if (lane.Asking > 0 || IsAheadOfWorkers(lane))
            lane.AsksOnceMore = true;
        else
            Ask(lane);
    }

    /// <summary>Asks what had to wait for a worker.</summary>
    private void GoOn(Lane lane)
    {
        if (lane.Asking > 0 || IsAheadOfWorkers(lane) || (lane.IsFull && !lane.AsksOnceMore && lane.AskAt != long.MaxValue))
            return;

        lane.AsksOnceMore = false;
        Ask(lane);
    }

    private void OnAnswered(RateLimitGate.Answered answered)
    {
        var lane = answered.Lane;
        lane.Asking--;
        _isFailing = false;
        if (answered.Answer.Slot is { } slot)
        {
            _unclaimed.Claim(slot);
            Admit(lane, slot);
        }
        else
            OnFull(lane, answered.Answer.TryAgainIn);
        _parking.DropIfIdle(lane, _clock.NowMs);
    }

    private void Admit(Lane lane, RateLimitSlot slot)
    {
        if (lane.Parked.Min is not { } first)
        {
            slot.Release();   // who waited for it was handed back or given back meanwhile
            return;
        }

        lane.NoteAdmission(_clock.Now);
        _parking.Unpark(lane, first);
        var work = first.Admitted(slot, Self);
        _admissions.Add(work.Delivery, slot, lane);
        _pool.Tell(new WorkerPool.Run([work]), Context.Parent);
        Ask(lane);
    }

    private void OnFull(Lane lane, TimeSpan tryAgainIn)
    {
        lane.NoteFull(_clock.Now);
        if (lane.Asking > 0)
            return;

        if (lane.AsksOnceMore && !IsAheadOfWorkers(lane))
        {
            lane.AsksOnceMore = false;
            Ask(lane);
            return;
        }

        AskAfter(lane, lane.Limiter.IsGivenBack && tryAgainIn > _settings.AskAgain ? _settings.AskAgain : tryAgainIn);
        Watch(lane);
    }

    private void AskAfter(Lane lane, TimeSpan wait)
    {
        lane.AskAt = _clock.Now + Math.Max(1, (long)Math.Ceiling(wait.TotalMilliseconds));
        _clock.Schedule(lane.AskAt);
        KeepToBound();
    }

    /// <summary>Before the next question, so that no change is missed between its answer and the watch.</summary>
    private void Watch(Lane lane)
    {
        if (lane.IsWatched || !lane.Limiter.IsGivenBack || lane.Parked.Count == 0)
            return;

        lane.IsWatched = true;
        _limiters.Backend.WatchAsync(lane.Limiter.Key, CancellationToken.None).AsTask()
            .PipeTo(Self, success: watch => new RateLimitGate.Watched(lane, watch), failure: error => new RateLimitGate.WatchFailed(lane, error));
    }

    private void OnWatched(RateLimitGate.Watched watched)
    {
        var lane = watched.Lane;
        watched.Watch.Changed.PipeTo(Self, success: () => new RateLimitGate.Changed(lane), failure: _ => new RateLimitGate.Changed(lane));
        if (lane.IsFull)
            AskAgain(lane);
    }

    private void OnChanged(RateLimitGate.Changed changed)
    {
        changed.Lane.IsWatched = false;
        if (changed.Lane.IsFull)
            Watch(changed.Lane);
    }

    private void OnWatchFailed(RateLimitGate.WatchFailed failed)
    {
        failed.Lane.IsWatched = false;
        Complain(failed.Lane, failed.Error);   // it is asked again in any case, and then watched
    }

    private void OnAskFailed(RateLimitGate.AskFailed failed)
    {
        var lane = failed.Lane;
        lane.Asking--;
        lane.NoteFull(_clock.Now);
        Complain(lane, failed.Error);
        AskAfter(lane, AfterFailure);
        _parking.DropIfIdle(lane, _clock.NowMs);
    }

    private void Complain(Lane lane, Exception error)
    {
        if (!_isFailing)
            _log.Warning("Queue {0}: rate limit {1} could not be asked; what waits for it waits, and it is asked again: {2}", _queue, lane.Limiter.Key, error.Message);
        _isFailing = true;
    }

    private void OnStarted(RateLimitGate.Started started)
    {
        _idleWorkers = started.Idle;
        if (_admissions.Start(started.Delivery) is not { } lane)
            return;

        GoOn(lane);
        _parking.DropIfIdle(lane, _clock.NowMs);
    }

    private void OnEnded(RateLimitGate.Ended ended)
    {
        // Its release is under way before the question that follows. A question that is under way already may have come before it, and be answered with no.
        if (_admissions.End(ended.Delivery) is not { } lane)
            return;

        if (_parking.Find(lane.Name) is { } current)
            lane = current;   // it was dropped meanwhile, since nobody waited there
        if (lane.Limiter.IsGivenBack && (lane.IsFull || lane.Asking > 0))
            AskAgain(lane);
        else
            GoOn(lane);
    }

    private void OnTick()
    {
        _clock.Ticked();
        var now = _clock.Now;
        foreach (var lane in _parking.Lanes.ToArray())
        {
            foreach (var parked in lane.ParkedSince(now - (long)_settings.ParkedFor.TotalMilliseconds))
                GiveBack(lane, parked);
            if (_parking.DropIfIdle(lane, _clock.NowMs))
                continue;

            if (lane.AskAt <= now)
            {
                lane.AskAt = long.MaxValue;
                AskAgain(lane);
            }

            _clock.Schedule(lane.NextAt(now, _clock.NowMs, (long)_settings.ParkedFor.TotalMilliseconds));
        }
    }

    /// <summary>Those that came last under the key that most wait for go away, so that a rush for one key leaves room for others.</summary>
    private void KeepToBound()
    {
        while (_parking.Count > _mostParked && _parking.LongestFull() is { } lane)
            GiveBack(lane, lane.Parked.Max!);
    }

    private void GiveBack(Lane lane, ParkedMessage parked)
    {
        _parking.Unpark(lane, parked);
        _givenBack++;
        var nowMs = _clock.NowMs;
        var eta = lane.ReturnOf(parked, _clock.Now, nowMs, _settings.GiveBackMin, _settings.GiveBackMax);
        _clock.Schedule(_clock.Now + eta - nowMs);
        _gateway.Tell(new GatewayProtocol.Publish(parked.ToReturn(eta), eta, parked), Self);
    }

    private void OnPublishFailed(GatewayProtocol.PublishFailed failed)
    {
        var parked = (ParkedMessage)failed.Correlation;
        _log.Warning("{0} {1} has to wait for its rate limit, and goes back to {2} at once: {3}", parked.Work.Actor.Name, parked.Work.Message.MessageId, _queue, failed.Error.Message);
        Settle(parked, failed.Error.IsRefusal ? Settlement.Requeue : Settlement.Return);
    }

    private static void Settle(ParkedMessage parked, Func<Delivery, Settlement> settlement) =>
        Context.Parent.Tell(new QueueConsumer.Settled(settlement(parked.Work.Delivery), parked.Work.Message));

    /// <summary>What is parked goes back from here; the pool answers, behind what was admitted before.</summary>
    private void OnHandBack(WorkerPool.HandBack handBack)
    {
        foreach (var work in _parking.TakeAll())
            Context.Parent.Tell(new QueueConsumer.Settled(Settlement.Return(work.Delivery), work.Message));
        _pool.Forward(handBack);
    }

    private void OnForget(WorkerPool.Forget forget)
    {
        _parking.Forget(forget.Consumer);
        _pool.Forward(forget);
    }
}
