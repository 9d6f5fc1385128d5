using Akka.Event;
using Akka.Streams;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Timing;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Consumers;

// Connecting --queue declared, stream run--> Consuming --stream lost--> Connecting (after a back-off)
// Consuming | Connecting --Pause--> Paused --Resume--> Connecting ; any --Drain--> Draining --nothing in flight--> stopped
internal sealed class QueueConsumerActor : ReceiveActor
{
    private readonly ConsumerSettings _settings;
    private readonly ConsumerParts _parts;
    private readonly DeliveryReader _reader;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ActorTimer _timer;
    private readonly ReconnectBackOff _backOff;
    private readonly List<ConsumerSession> _sessions = [];
    private readonly IActorRef _delays;
    private readonly IActorRef _pool;
    private ConsumerSession? _current;
    private ConsumerState _state;
    private List<Work> _batch = [];
    private int _reconnects;
    private int _closing;
    private IMaterializer? _materializer;   // one for all sessions: each brings an actor of its own
    private IActorRef? _drainer;

    public QueueConsumerActor(ConsumerSettings settings, ConsumerParts parts, ConsumerMemory memory)
    {
        _settings = settings;
        _parts = parts;
        _reader = new DeliveryReader(settings.Queue, settings.MaxDeliveries, parts.Declarations, parts.Time);
        _timer = new ActorTimer(parts.Time, Self, QueueConsumer.Reconnect.Instance);
        _backOff = new ReconnectBackOff(settings, _timer, parts.Random, _log);
        _delays = Context.Watch(Context.ActorOf(DelayBuffer.Create(parts), "delays"));
        _pool = settings.Workers == 0
            ? ActorRefs.Nobody
            : Context.Watch(Context.ActorOf(WorkerPool.Create(settings.Queue, memory.Workers > 0 ? memory.Workers : settings.Workers, parts.Workers), "workers"));
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
        foreach (var session in _sessions)
            _ = session.EndAsync();   // what it still has in this mailbox is not for the consumer that starts anew in this place

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
        Receive<QueueConsumer.Pause>(_ => OnPause());
        Receive<QueueConsumer.Resume>(static _ => { });
    }

    private void Consuming()
    {
        WhatIsInHand();
        Receive<QueueConsumer.Pause>(_ => OnPause());
        Receive<QueueConsumer.Resume>(static _ => { });
        WhatIsOfAnEarlierState();
    }

    private void Paused()
    {
        WhatIsInHand();
        Receive<QueueConsumer.Pause>(static _ => { });
        Receive<QueueConsumer.Resume>(_ => OnResume());
        WhatIsOfAnEarlierState();
    }

    private void Draining()
    {
        WhatIsInHand();
        Receive<QueueConsumer.Pause>(static _ => { });
        Receive<QueueConsumer.Resume>(static _ => { });
        WhatIsOfAnEarlierState();
    }

    /// <summary>In each state, since each may have messages in hand.</summary>
    private void WhatIsInHand()
    {
        Receive<QueueConsumer.Delivered>(OnDelivered);
        Receive<QueueConsumer.Settled>(settled => Settle(settled.Settlement, settled.Message));
        Receive<QueueConsumer.Flush>(_ => FlushAll());
        Receive<QueueConsumer.Flushed>(OnFlushed);
        Receive<WorkerPool.HandedBack>(OnHandedBack);
        Receive<DelayBuffer.HandedBack>(OnHandedBack);
        Receive<QueueConsumer.SessionEnded>(OnSessionEnded);
        Receive<QueueConsumer.Closed>(_ => OnClosed());
        Receive<QueueConsumer.Drain>(_ => OnDrain());
        Receive<QueueConsumer.ScaleWorkers>(scale => _pool.Tell(new WorkerPool.Resize(scale.Workers)));
        Receive<QueueConsumer.GetSnapshot>(_ => Sender.Tell(new QueueConsumer.Snapshot(_settings.Queue, _state, _settings.Prefetch, _sessions.Sum(static session => session.InFlight), _reconnects)));
        Receive<Terminated>(OnTerminated);
    }

    /// <summary>A connecting that was overtaken by another order.</summary>
    private void WhatIsOfAnEarlierState()
    {
        Receive<QueueConsumer.QueueReady>(static _ => { });
        Receive<QueueConsumer.Reconnect>(static _ => { });
    }

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

        var session = new ConsumerSession(_settings.Queue, Self, Context.System.EventStream, _log);
        try
        {
            session.Open(_parts.Broker, _settings.Prefetch, _materializer ??= Context.Materializer());
        }
        catch (Exception failure)
        {
            _backOff.Start(failure);
            return;
        }

        _sessions.Add(session);
        _current = session;
        Enter(ConsumerState.Consuming);
        _log.Debug("Queue {0}: consuming with a prefetch of {1}.", _settings.Queue, _settings.Prefetch);
    }

    private void OnSessionEnded(QueueConsumer.SessionEnded ended)
    {
        if (ended.Session.IsOver)
            return;

        Drop(ended.Session);
        if (ended.Session != _current)
            return;

        _current = null;
        _reconnects++;
        Enter(ConsumerState.Connecting);
        _backOff.Start(ended.Error ?? new BrokerConnectionException("the broker ended the consumer."));
    }

    private void Drop(ConsumerSession session)
    {
        session.Lose();
        _sessions.Remove(session);
        _delays.Tell(new DelayBuffer.ForgetAll(session));
        _pool.Tell(new WorkerPool.Forget(session.Broker!));
        DrainedIfEmpty();
    }

    private void OnDelivered(QueueConsumer.Delivered delivered)
    {
        var session = delivered.Session;
        if (session.IsOver)
            return;

        _backOff.OnDelivered();
        for (var i = 0; i < delivered.Deliveries.Count; i++)
        {
            var delivery = delivered.Deliveries[i];
            session.Receive(delivery);
            if (session.IsStopped)
                session.Settle(Settlement.Return(delivery), null);
            else
                Route(session, _reader.Read(delivery));
        }

        if (_batch.Count == 0)
            return;

        _pool.Tell(new WorkerPool.Run(_batch), Self);
        _batch = new List<Work>(_batch.Count);
    }

    private void Route(ConsumerSession session, object read)
    {
        switch (read)
        {
            case Work work:
                _batch.Add(work);
                break;
            case DelayBuffer.Hold hold:
                Context.System.EventStream.Publish(new Signals.BeforeDelayMessage(hold.Message, hold.Eta));
                _delays.Tell(hold, Self);
                break;
            case DeliveryReader.Refused refused:
                _log.Error("{0}", refused.LogLine);
                session.Settle(refused.Settlement, refused.Message);
                break;
        }
    }

    private void Settle(Settlement settlement, Messages.Message? message)
    {
        for (var i = 0; i < _sessions.Count; i++)
        {
            if (ReferenceEquals(_sessions[i].Broker, settlement.Delivery.Consumer))
            {
                _sessions[i].Settle(settlement, message);
                return;
            }
        }
    }

    private void FlushAll()
    {
        for (var i = _sessions.Count - 1; i >= 0; i--)
        {
            var session = _sessions[i];
            session.Flush();
            CloseIfDone(session);
        }
    }

    private void OnFlushed(QueueConsumer.Flushed flushed)
    {
        if (flushed.Batch.Session.OnFlushed(flushed))
            CloseIfDone(flushed.Batch.Session);
    }

    private void OnPause()
    {
        _log.Info("Queue {0}: paused; what is in hand is finished.", _settings.Queue);
        Enter(ConsumerState.Paused);
        StopTaking();
    }

    private void OnResume()
    {
        _log.Info("Queue {0}: resumed.", _settings.Queue);
        Enter(ConsumerState.Connecting);
        Connect();
    }

    private void OnDrain()
    {
        _drainer = Sender;
        Enter(ConsumerState.Draining);
        StopTaking();
        DrainedIfEmpty();
    }

    private void StopTaking()
    {
        _backOff.Stop();
        if (_current is not { } session)
            return;

        _current = null;
        session.IsStopped = true;
        session.Broker!.StopAsync().AsTask().PipeTo(Self, success: static () => QueueConsumer.Flush.Instance, failure: error => new QueueConsumer.SessionEnded(session, error));
        _pool.Tell(WorkerPool.HandBack.Instance, Self);
        _delays.Tell(DelayBuffer.HandBack.Instance, Self);
        CloseIfDone(session);
    }

    private void OnHandedBack(WorkerPool.HandedBack handed)
    {
        foreach (var work in handed.Works)
            Settle(Settlement.Return(work.Delivery), work.Message);
    }

    private void OnHandedBack(DelayBuffer.HandedBack handed)
    {
        foreach (var hold in handed.Holds)
            Settle(Settlement.Return(hold.Delivery), hold.Message);
    }

    /// <summary>Closes a stopped session once everything of it is settled at the broker.</summary>
    private void CloseIfDone(ConsumerSession session)
    {
        if (!session.IsStopped || session.IsOver || session.InFlight > 0 || !session.IsFlushed)
            return;

        _sessions.Remove(session);
        _closing++;
        session.EndAsync().PipeTo(Self, success: static () => QueueConsumer.Closed.Instance, failure: static _ => QueueConsumer.Closed.Instance);
    }

    private void OnClosed()
    {
        _closing--;
        DrainedIfEmpty();
    }

    private void DrainedIfEmpty()
    {
        if (_state is not ConsumerState.Draining || _sessions.Count > 0 || _closing > 0 || _drainer is not { } drainer)
            return;

        _drainer = null;
        drainer.Tell(new QueueConsumer.Drained(_settings.Queue));
    }

    private void OnTerminated(Terminated terminated)
    {
        _log.Error("Queue {0}: {1} was stopped; the consumer starts anew, with everything in hand back in the queue.", _settings.Queue, terminated.ActorRef.Path.Name);
        throw new InvalidOperationException($"{terminated.ActorRef.Path} was stopped from outside.");
    }
}
