using Akka.Event;
using Akka.Streams;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Timing;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Consumers;

// Connecting --queue declared, stream run--> Consuming --stream lost--> Connecting (after a back-off)
// Consuming | Connecting --Pause--> Paused --Resume--> Connecting ; any --Drain--> Draining --nothing in hand, workers at rest--> stopped
internal sealed class QueueConsumerActor : ReceiveActor
{
    private readonly ConsumerSettings _settings;
    private readonly ConsumerParts _parts;
    private readonly ConsumerTraffic _traffic;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ActorTimer _timer;
    private readonly ReconnectBackOff _backOff;
    private readonly OrdersUnderWay _orders;
    private readonly ConsumerSessions _sessions;
    private readonly ConsumerDrain _drain;
    private readonly DeliveryRouter _router;
    private readonly IActorRef _delays;
    private readonly IActorRef _pool;
    private ConsumerState _state;
    private int _reconnects;
    private IMaterializer? _materializer;   // one for all sessions: each brings an actor of its own

    public QueueConsumerActor(ConsumerSettings settings, ConsumerParts parts, ConsumerMemory memory)
    {
        _settings = settings;
        _parts = parts;
        _traffic = memory.Traffic;
        _timer = new ActorTimer(parts.Time, Self, QueueConsumer.Reconnect.Instance);
        _backOff = new ReconnectBackOff(settings, _timer, parts.Random, parts.Time, _log);
        _orders = new OrdersUnderWay(settings.Queue);
        _delays = Context.Watch(Context.ActorOf(DelayBuffer.Create(parts.Gateway, parts.Time), "delays"));
        _pool = settings.Workers == 0
            ? ActorRefs.Nobody
            : Context.Watch(Context.ActorOf(WorkerPool.Create(settings.Queue, memory.Workers > 0 ? memory.Workers : settings.Workers, parts.Workers), "workers"));
        _sessions = new ConsumerSessions(_pool, _delays, Self, _orders, _traffic);
        _drain = new ConsumerDrain(settings.Queue, _sessions, _pool, Self);
        var reader = new DeliveryReader(settings.Queue, settings.MaxDeliveries, parts.Declarations, parts.Time);
        _router = new DeliveryRouter(reader, _pool, _delays, Self, _traffic, Context.System.EventStream, _log);
        Enter(memory.IsPaused ? ConsumerState.Paused : ConsumerState.Connecting);
    }

    protected override void PreStart()
    {
        Context.System.EventStream.Publish(new Signals.AfterConsumerStart(_settings.Queue, Self));
        if (_state is ConsumerState.Connecting)
            Connect();
    }

    /// <summary>Pool and delay buffer have no state that is not also at the broker: a failed one takes the consumer with it, which starts anew with everything back in the queue.</summary>
    protected override SupervisorStrategy SupervisorStrategy() =>
        new OneForOneStrategy(-1, Timeout.InfiniteTimeSpan, static _ => Directive.Escalate);

    protected override void PostStop()
    {
        _timer.Dispose();
        _orders.AnswerAllAfter(_sessions.EndAsync());
        Context.System.EventStream.Publish(new Signals.BeforeConsumerStop(_settings.Queue, Self));
    }

    private void Enter(ConsumerState state)
    {
        _state = state;
        Become(state switch
        {
            ConsumerState.Connecting => Connecting,
            ConsumerState.Consuming => Consuming,
            ConsumerState.Paused => Paused,
            _ => Draining,
        });
    }

    private void Connecting()
    {
        WhatIsInHand();
        Receive<QueueConsumer.QueueReady>(OnQueueReady);
        Receive<QueueConsumer.Reconnect>(_ => Connect());
        Receive<QueueConsumer.Pause>(OnPause);
        WhatIsSoAlready();
    }

    private void Consuming()
    {
        WhatIsInHand();
        Receive<QueueConsumer.Pause>(OnPause);
        WhatIsSoAlready();
        WhatIsOfAnEarlierState();
    }

    private void Paused()
    {
        WhatIsInHand();
        Receive<QueueConsumer.Resume>(OnResume);
        WhatIsSoAlready();
        WhatIsOfAnEarlierState();
    }

    private void Draining()
    {
        WhatIsInHand();
        Receive<WorkerPool.AtRest>(_ => _drain.OnAtRest());
        WhatIsSoAlready();
        WhatIsOfAnEarlierState();
    }

    /// <summary>In each state, since each may have messages in hand.</summary>
    private void WhatIsInHand()
    {
        Receive<QueueConsumer.Delivered>(OnDelivered);
        Receive<QueueConsumer.Settled>(settled => _sessions.Settle(settled.Settlement, settled.Message, settled.HasFailed));
        Receive<QueueConsumer.Flush>(_ => _sessions.Flush());
        Receive<QueueConsumer.Flushed>(_sessions.OnFlushed);
        Receive<WorkerPool.HandedBack>(handed => _sessions.OnHandedBack(handed.Works));
        Receive<DelayBuffer.HandedBack>(handed => _sessions.OnHandedBack(handed.Holds));
        Receive<QueueConsumer.SessionEnded>(OnSessionEnded);
        Receive<QueueConsumer.Stopped>(stopped => _sessions.OnStopped(stopped.Session));
        Receive<QueueConsumer.Closed>(OnClosed);
        Receive<QueueConsumer.Drain>(_ => OnDrain());
        Receive<QueueConsumer.ScaleWorkers>(OnScale);
        Receive<WorkerPool.Resized>(_ => _orders.Scaled());
        Receive<QueueConsumer.GetSnapshot>(_ => Sender.Tell(Snapshot()));
        Receive<WorkerPool.GetReport>(_pool.Forward);
        Receive<DelayBuffer.TakeOut>(_delays.Forward);
        Receive<Terminated>(OnTerminated);
    }

    /// <summary>Orders that change nothing in this state. What takes nothing may still be giving back.</summary>
    private void WhatIsSoAlready()
    {
        Receive<QueueConsumer.Pause>(pause => _orders.Pause(pause, Sender));
        Receive<QueueConsumer.Resume>(resume => _orders.Answer(resume, Sender));
    }

    /// <summary>A connecting that was overtaken by another order.</summary>
    private void WhatIsOfAnEarlierState()
    {
        Receive<QueueConsumer.QueueReady>(static _ => { });
        Receive<QueueConsumer.Reconnect>(static _ => { });
    }

    private QueueConsumer.Snapshot Snapshot() => new(
        _settings.Queue, _state, _settings.Prefetch, _sessions.InFlight, _reconnects, _backOff.LastProblem, _backOff.LastProblemAt, _traffic.Counts());

    private void Connect() => DeclareAsync()
        .PipeTo(Self, success: static () => new QueueConsumer.QueueReady(null), failure: static error => new QueueConsumer.QueueReady(error));

    // Asynchronous so that a broker that throws at once is waited for like one that fails later.
    private async Task DeclareAsync() => await _parts.Broker.DeclareQueueAsync(QueueName.Canonical(_settings.Queue), CancellationToken.None);

    private void OnQueueReady(QueueConsumer.QueueReady ready)
    {
        if (ready.Error is { } error)
        {
            _backOff.Start(error);
            return;
        }

        try
        {
            var session = new ConsumerSession(_settings.Queue, Self, Context.System.EventStream, _log);
            session.Open(_parts.Broker, _settings.Prefetch, _materializer ??= Context.Materializer());
            _sessions.Begin(session);
        }
        catch (Exception failure)
        {
            _backOff.Start(failure);
            return;
        }

        Enter(ConsumerState.Consuming);
        _log.Debug("Queue {0}: consuming with a prefetch of {1}.", _settings.Queue, _settings.Prefetch);
    }

    private void OnSessionEnded(QueueConsumer.SessionEnded ended)
    {
        if (ended.Session.IsOver)
            return;

        var wasCurrent = _sessions.Lose(ended.Session);
        _drain.TellIfOver();
        if (!wasCurrent)
            return;

        _reconnects++;
        Enter(ConsumerState.Connecting);
        _backOff.Start(ended.Error ?? new BrokerConnectionException("the broker ended the consumer."));
    }

    private void OnDelivered(QueueConsumer.Delivered delivered)
    {
        if (delivered.Session.IsOver)
            return;
        _backOff.OnDelivered();
        _router.Route(delivered.Session, delivered.Deliveries);
    }

    private void OnPause(QueueConsumer.Pause pause)
    {
        _log.Info("Queue {0}: paused; what is in hand is finished.", _settings.Queue);
        Enter(ConsumerState.Paused);
        _backOff.Stop();
        _sessions.StopTaking();
        _orders.Pause(pause, Sender);
    }

    private void OnResume(QueueConsumer.Resume resume)
    {
        _log.Info("Queue {0}: resumed.", _settings.Queue);
        Enter(ConsumerState.Connecting);
        Connect();
        _orders.Answer(resume, Sender);
    }

    private void OnScale(QueueConsumer.ScaleWorkers scale)
    {
        _orders.Scale(scale, Sender);
        _pool.Tell(new WorkerPool.Resize(scale.Workers), Self);
    }

    private void OnDrain()
    {
        Enter(ConsumerState.Draining);
        _backOff.Stop();
        _sessions.StopTaking();
        _drain.Begin(Sender);
    }

    private void OnClosed(QueueConsumer.Closed closed)
    {
        _sessions.OnClosed(closed.Session);
        _drain.TellIfOver();
    }

    private void OnTerminated(Terminated terminated)
    {
        _log.Error("Queue {0}: {1} was stopped; the consumer starts anew, with everything in hand back in the queue.", _settings.Queue, terminated.ActorRef.Path.Name);
        throw new InvalidOperationException($"{terminated.ActorRef.Path} was stopped from outside.");
    }
}
