using Akka.Event;
using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Enqueueing;
using Dramatiq.Akka.Hosting;
using Dramatiq.Akka.Timing;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.RateLimits;

// A message: parked --room--> admitted --Ended--> gone ; parked --too many, or too long--> away --eta--> parked (as a new delivery)
// A lane: open (asks for several at once) --no room--> full (asks when the counter changes, one of ours ends, or its time comes) --room--> open
internal sealed class RateLimitGateActor : ReceiveActor
{
    /// <summary>Questions of one lane under way at once.</summary>
    private const int MostQuestions = 16;

    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private readonly string _queue;
    private readonly IActorRef _pool;
    private readonly IActorRef _gateway;
    private readonly TimeProvider _time;
    private readonly RateLimiting _middleware;
    private readonly RateLimiters _limiters;
    private readonly RateLimitSettings _settings;
    private readonly int _mostParked;
    private readonly long _start;
    private readonly ActorTimer _timer;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<(RateLimit, string), Lane> _lanes = [];
    private readonly Dictionary<Delivery, (RateLimitSlot Slot, (RateLimit, string) Lane)> _admitted = [];
    private long _numbers;
    private long _givenBack;
    private long _timerAt = long.MaxValue;
    private int _parked;
    private bool _isFailing;

    public RateLimitGateActor(ConsumerSettings settings, ConsumerParts parts, IActorRef pool)
    {
        _queue = settings.Queue;
        _pool = pool;
        _gateway = parts.Gateway;
        _time = parts.Time;
        _start = parts.Time.GetTimestamp();
        _middleware = RateLimitGate.MiddlewareOf(parts.Declarations)!;
        _limiters = RateLimiters.Get(Context.System);
        _settings = TaskSystem.Get(Context.System).Settings.RateLimits;
        _mostParked = _settings.Parked ?? Math.Max(1, settings.Prefetch - settings.Workers);
        _timer = new ActorTimer(parts.Time, Self, Tick.Instance);

        Receive<WorkerPool.Run>(OnRun);
        Receive<RateLimitGate.Ended>(OnEnded);
        Receive<Answered>(OnAnswered);
        Receive<AskFailed>(OnAskFailed);
        Receive<Watched>(OnWatched);
        Receive<Changed>(OnChanged);
        Receive<Tick>(_ => OnTick());
        Receive<GatewayProtocol.Published>(published => Settle((ParkedMessage)published.Correlation, Settlement.Ack));
        Receive<GatewayProtocol.PublishFailed>(OnPublishFailed);
        Receive<WorkerPool.HandBack>(OnHandBack);
        Receive<WorkerPool.Forget>(OnForget);
        Receive<WorkerPool.AwaitRest>(rest => _pool.Forward(rest));
        Receive<RateLimitGate.GetSnapshot>(_ => Sender.Tell(new RateLimitGate.Snapshot(_parked, _lanes.Values.Count(static lane => lane.Parked.Count > 0), _admitted.Count, _givenBack)));
    }

    private long Now => (long)_time.GetElapsedTime(_start).TotalMilliseconds;

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Workers stop with the gate, so what was admitted runs no more.</summary>
    protected override void PostStop()
    {
        _timer.Dispose();
        foreach (var (slot, _) in _admitted.Values)
            slot.Release();
    }

    private void OnRun(WorkerPool.Run run)
    {
        List<Work>? free = null;
        for (var i = 0; i < run.Works.Count; i++)
        {
            var work = run.Works[i];
            if (_middleware.LimitOf(work.Actor) is { } limit)
                Park(work, limit);
            else
                (free ??= new List<Work>(run.Works.Count)).Add(work);
        }

        if (free is not null)
            _pool.Tell(free.Count == run.Works.Count ? run : new WorkerPool.Run(free), Context.Parent);
        KeepToBound();
    }

    private void Park(Work work, ActorLimit limit)
    {
        var name = (limit.Limit, limit.KeyOf(work.Message));
        if (!_lanes.TryGetValue(name, out var lane))
            _lanes.Add(name, lane = new Lane(name.Limit, name.Item2, LimiterOf(name.Limit, name.Item2)));
        lane.Parked.Add(new ParkedMessage(work, ParkedMessage.PlaceOf(work, NowMs), ++_numbers, Now));
        _parked++;
        Schedule(Now + (long)_settings.ParkedFor.TotalMilliseconds);
        if (!lane.IsFull)
            Ask(lane);
    }

    private RateLimiter LimiterOf(RateLimit limit, string key) => limit.Kind switch
    {
        RateLimitKind.Concurrent => _limiters.Concurrent(key, limit.Limit),
        RateLimitKind.Bucket => _limiters.Bucket(key, limit.Limit, limit.Length),
        _ => _limiters.Window(key, limit.Limit, (int)limit.Length.TotalSeconds),
    };

    private void Ask(Lane lane)
    {
        var most = lane.IsFull ? 1 : MostQuestions;
        while (lane.Asking < Math.Min(lane.Parked.Count, most))
        {
            lane.Asking++;
            lane.Limiter.AskAsync(CancellationToken.None).AsTask().PipeTo(Self, success: answer => new Answered(lane, answer), failure: error => new AskFailed(lane, error));
        }
    }

    /// <summary>Something speaks for room in a lane that had none.</summary>
    private void AskAgain(Lane lane)
    {
        if (lane.Asking > 0)
            lane.AsksOnceMore = true;
        else
            Ask(lane);
    }

    private void OnAnswered(Answered answered)
    {
        var lane = answered.Lane;
        lane.Asking--;
        _isFailing = false;
        if (answered.Answer.Slot is { } slot)
            Admit(lane, slot);
        else
            OnFull(lane, answered.Answer.TryAgainIn);
        DropIfIdle(lane);
    }

    private void Admit(Lane lane, RateLimitSlot slot)
    {
        if (lane.Parked.Min is not { } first)
        {
            slot.Release();   // it was handed back or given back meanwhile
            return;
        }

        lane.NoteAdmission(Now);
        lane.IsFull = false;
        lane.AskAt = long.MaxValue;
        Unpark(lane, first);
        var work = first.Admitted(slot);
        _admitted[work.Delivery] = (slot, lane.Name);
        _pool.Tell(new WorkerPool.Run([work]), Context.Parent);
        Ask(lane);
    }

    private void OnFull(Lane lane, TimeSpan tryAgainIn)
    {
        lane.IsFull = true;
        if (lane.Asking > 0)
            return;

        if (lane.AsksOnceMore)
        {
            lane.AsksOnceMore = false;
            Ask(lane);
            return;
        }

        var wait = lane.Limiter.IsGivenBack && tryAgainIn > _settings.AskAgain ? _settings.AskAgain : tryAgainIn;
        lane.AskAt = Now + Math.Max(1, (long)Math.Ceiling(wait.TotalMilliseconds));
        Schedule(lane.AskAt);
        Watch(lane);
        KeepToBound();
    }

    /// <summary>Before the next question, so that no change is missed between its answer and the watch.</summary>
    private void Watch(Lane lane)
    {
        if (lane.IsWatched || !lane.Limiter.IsGivenBack || lane.Parked.Count == 0)
            return;

        lane.IsWatched = true;
        _limiters.Backend.WatchAsync(lane.Limiter.Key, CancellationToken.None).AsTask().PipeTo(Self, success: watch => new Watched(lane, watch), failure: error => new AskFailed(lane, error, IsWatch: true));
    }

    private void OnWatched(Watched watched)
    {
        var lane = watched.Lane;
        watched.Watch.Changed.PipeTo(Self, success: () => new Changed(lane), failure: _ => new Changed(lane));
        if (lane.IsFull)
            AskAgain(lane);
    }

    private void OnChanged(Changed changed)
    {
        changed.Lane.IsWatched = false;
        if (changed.Lane.IsFull)
            Watch(changed.Lane);
    }

    private void OnAskFailed(AskFailed failed)
    {
        var lane = failed.Lane;
        if (failed.IsWatch)
            lane.IsWatched = false;
        else
            lane.Asking--;
        if (!_isFailing)
            _log.Warning("Queue {0}: rate limit {1} could not be asked; what waits for it waits, and it is asked again: {2}", _queue, lane.Limiter.Key, failed.Error.Message);
        _isFailing = true;
        lane.IsFull = true;
        lane.AskAt = Now + (long)AfterFailure.TotalMilliseconds;
        Schedule(lane.AskAt);
        KeepToBound();
        DropIfIdle(lane);
    }

    private void OnEnded(RateLimitGate.Ended ended)
    {
        if (!_admitted.Remove(ended.Delivery, out var admitted))
            return;

        admitted.Slot.Release();   // under way before the question that follows
        if (_lanes.TryGetValue(admitted.Lane, out var lane) && lane.IsFull && lane.Limiter.IsGivenBack)
            AskAgain(lane);
    }

    private void OnTick()
    {
        _timerAt = long.MaxValue;
        var now = Now;
        var nowMs = NowMs;
        foreach (var lane in _lanes.Values)
        {
            GiveBackWhatIsParkedTooLong(lane, now);
            if (lane.IsIdle(nowMs))
            {
                _lanes.Remove(lane.Name);
                continue;
            }

            if (lane.AskAt <= now)
            {
                lane.AskAt = long.MaxValue;
                AskAgain(lane);
            }

            Schedule(NextOf(lane, now, nowMs));
        }
    }

    private long NextOf(Lane lane, long now, long nowMs)
    {
        var next = lane.AskAt;
        foreach (var parked in lane.Parked)
            next = Math.Min(next, parked.Since + (long)_settings.ParkedFor.TotalMilliseconds);
        return lane.LastReturn > nowMs ? Math.Min(next, now + lane.LastReturn - nowMs) : next;
    }

    private void Schedule(long at)
    {
        if (at >= _timerAt)
            return;

        _timerAt = at;
        var now = Now;
        _timer.Start(TimeSpan.FromMilliseconds(Math.Max(0, at - now)));
        if (Now >= at && now < at)
            Self.Tell(Tick.Instance);   // the clock has jumped between the two readings
    }

    /// <summary>Those that came last under the key that most wait for go away, so that a rush for one key leaves room for others.</summary>
    private void KeepToBound()
    {
        while (_parked > _mostParked && LongestFullLane() is { } lane)
            GiveBack(lane, lane.Parked.Max!);
    }

    private Lane? LongestFullLane()
    {
        Lane? longest = null;
        foreach (var lane in _lanes.Values)
            if (lane.IsFull && lane.Parked.Count > (longest?.Parked.Count ?? 0))
                longest = lane;
        return longest;
    }

    private void GiveBackWhatIsParkedTooLong(Lane lane, long now)
    {
        foreach (var parked in lane.Parked.Where(parked => now - parked.Since >= _settings.ParkedFor.TotalMilliseconds).ToArray())
            GiveBack(lane, parked);
    }

    private void GiveBack(Lane lane, ParkedMessage parked)
    {
        Unpark(lane, parked);
        _givenBack++;
        var eta = lane.ReturnOf(parked, NowMs, _settings.GiveBackMin, _settings.GiveBackMax);
        Schedule(Now + eta - NowMs);
        _gateway.Tell(new GatewayProtocol.Publish(parked.ToReturn(), eta, parked), Self);
    }

    private void Unpark(Lane lane, ParkedMessage parked)
    {
        lane.Parked.Remove(parked);
        _parked--;
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
        foreach (var parked in _lanes.Values.SelectMany(static lane => lane.Parked).Order(ParkedMessage.InOrder))
            Settle(parked, Settlement.Return);
        foreach (var lane in _lanes.Values)
            lane.Parked.Clear();
        _parked = 0;
        _pool.Forward(handBack);
    }

    private void OnForget(WorkerPool.Forget forget)
    {
        foreach (var lane in _lanes.Values)
            _parked -= lane.Parked.RemoveWhere(parked => ReferenceEquals(parked.Work.Delivery.Consumer, forget.Consumer));
        _pool.Forward(forget);
    }

    private void DropIfIdle(Lane lane)
    {
        if (lane.IsIdle(NowMs) && _lanes.TryGetValue(lane.Name, out var known) && ReferenceEquals(known, lane))
            _lanes.Remove(lane.Name);
    }

    private sealed record Answered(Lane Lane, RateLimitAnswer Answer) : INoSerializationVerificationNeeded;

    private sealed record AskFailed(Lane Lane, Exception Error, bool IsWatch = false) : INoSerializationVerificationNeeded;

    private sealed record Watched(Lane Lane, CounterWatch Watch) : INoSerializationVerificationNeeded;

    private sealed record Changed(Lane Lane) : INoSerializationVerificationNeeded;

    private sealed class Tick : INoSerializationVerificationNeeded
    {
        public static readonly Tick Instance = new();
    }
}
