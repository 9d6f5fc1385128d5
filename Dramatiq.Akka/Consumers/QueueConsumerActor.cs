using Akka.Event;
using Akka.Streams;
using Akka.Streams.Dsl;
using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;
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
    private readonly ActorTimer _reconnect;
    private readonly List<ConsumerSession> _sessions = [];
    private readonly IActorRef _delays;
    private readonly IActorRef _pool;
    private ConsumerSession? _current;
    private ConsumerState _state;
    private List<Work> _batch = [];
    private int _failures;
    private int _reconnects;
    private int _closing;
    private IActorRef? _drainer;

    public QueueConsumerActor(ConsumerSettings settings, ConsumerParts parts, ConsumerMemory memory)
    {
        _settings = settings;
        _parts = parts;
        _reader = new DeliveryReader(settings.Queue, settings.MaxDeliveries, parts.Declarations, parts.Time);
        _state = memory.IsPaused ? ConsumerState.Paused : ConsumerState.Connecting;
        _reconnect = new ActorTimer(parts.Time, Self, QueueConsumer.Reconnect.Instance);
        _delays = Context.Watch(Context.ActorOf(DelayBuffer.Create(parts.Gateway, parts.Time), "delays"));
        _pool = settings.Workers == 0
            ? ActorRefs.Nobody
            : Context.Watch(Context.ActorOf(WorkerPool.Create(settings.Queue, memory.Workers > 0 ? memory.Workers : settings.Workers, parts.Workers), "workers"));

        Receive<QueueConsumer.Delivered>(OnDelivered);
        Receive<QueueConsumer.Settled>(OnSettled);
        Receive<QueueConsumer.Flush>(_ => FlushAll());
        Receive<QueueConsumer.Flushed>(OnFlushed);
        Receive<QueueConsumer.QueueReady>(OnQueueReady);
        Receive<QueueConsumer.SessionEnded>(OnSessionEnded);
        Receive<QueueConsumer.Closed>(_ => OnClosed());
        Receive<QueueConsumer.Reconnect>(_ => Connect());
        Receive<QueueConsumer.Pause>(_ => OnPause());
        Receive<QueueConsumer.Resume>(_ => OnResume());
        Receive<QueueConsumer.Drain>(_ => OnDrain());
        Receive<QueueConsumer.ScaleWorkers>(scale => _pool.Tell(new WorkerPool.Resize(scale.Workers)));
        Receive<QueueConsumer.GetSnapshot>(_ => Sender.Tell(new QueueConsumer.Snapshot(_settings.Queue, _state, _settings.Prefetch, _sessions.Sum(static session => session.InFlight.Count), _reconnects)));
        Receive<WorkerPool.HandedBack>(handed => ReturnAll(handed.Works));
        Receive<DelayBuffer.HandedBack>(handed => ReturnAll(handed.Holds));
        Receive<Terminated>(OnTerminated);
    }

    protected override void PreStart()
    {
        Context.System.EventStream.Publish(new Signals.AfterConsumerStart(_settings.Queue, Self));
        Connect();
    }

    /// <summary>Pool and delay buffer have no state that is not also at the broker: a failed one takes the consumer with it, which starts anew with everything back in the queue.</summary>
    protected override SupervisorStrategy SupervisorStrategy() =>
        new OneForOneStrategy(-1, Timeout.InfiniteTimeSpan, static _ => Directive.Escalate);

    protected override void PostStop()
    {
        _reconnect.Dispose();
        foreach (var session in _sessions)
        {
            session.IsOver = true;   // what it still has in this mailbox is not for the consumer that starts anew in this place
            _ = session.Broker?.CloseAsync().AsTask();
        }

        Context.System.EventStream.Publish(new Signals.BeforeConsumerStop(_settings.Queue, Self));
    }

    // ---- the broker ----

    private void Connect()
    {
        if (_state is ConsumerState.Connecting)
            DeclareAsync()
                .PipeTo(Self, success: static () => new QueueConsumer.QueueReady(null), failure: static error => new QueueConsumer.QueueReady(error));
    }

    // Asynchronous so that a broker that throws at once is waited for like one that fails later.
    private async Task DeclareAsync() => await _parts.Broker.DeclareQueueAsync(QueueName.Canonical(_settings.Queue), CancellationToken.None);

    private void OnQueueReady(QueueConsumer.QueueReady ready)
    {
        if (_state is not ConsumerState.Connecting)
            return;

        if (ready.Error is { } error)
        {
            BackOff(error);
            return;
        }

        var session = new ConsumerSession();
        var self = Self;
        Task ended;
        try
        {
            (session.Broker, ended) = _parts.Broker.Consume(_settings.Queue, _settings.Prefetch)
                .ToMaterialized(Sink.ForEach<IReadOnlyList<Delivery>>(deliveries => self.Tell(new QueueConsumer.Delivered(session, deliveries), ActorRefs.NoSender)), Keep.Both)
                .Run(Context.Materializer());
        }
        catch (Exception failure)
        {
            BackOff(failure);
            return;
        }

        _sessions.Add(session);
        _current = session;
        _state = ConsumerState.Consuming;
        _log.Debug("Queue {0}: consuming with a prefetch of {1}.", _settings.Queue, _settings.Prefetch);
        ended.PipeTo(Self, success: () => new QueueConsumer.SessionEnded(session, null), failure: error => new QueueConsumer.SessionEnded(session, error));
    }

    private void OnSessionEnded(QueueConsumer.SessionEnded ended)
    {
        if (ended.Session.IsOver)
            return;

        Drop(ended.Session);
        if (ended.Session != _current)
            return;

        _current = null;
        if (_state is ConsumerState.Consuming)
        {
            _state = ConsumerState.Connecting;
            _reconnects++;
            BackOff(ended.Error ?? new BrokerConnectionException("the broker ended the consumer."));
        }
    }

    private void BackOff(Exception error)
    {
        var wait = _settings.ReconnectMin * Math.Pow(2, Math.Min(_failures++, 20));
        if (wait > _settings.ReconnectMax)
            wait = _settings.ReconnectMax;
        wait *= 0.5 + _parts.Random.NextDouble() / 2;
        _log.Warning("Queue {0}: not consuming: {1} Connecting again in {2}.", _settings.Queue, error.Message, DurationText.Of(wait));
        _reconnect.Start(wait);
    }

    /// <summary>The broker delivers again whatever this session had not settled; workers that still run some of it will settle into the void.</summary>
    private void Drop(ConsumerSession session)
    {
        session.IsOver = true;
        if (session.InFlight.Count > 0)
            _log.Warning("Queue {0}: {1} messages in hand were lost to a closed consumer; the broker delivers them again.", _settings.Queue, session.InFlight.Count);
        session.InFlight.Clear();
        session.Unsent.Clear();
        session.UnsentMessages.Clear();
        _sessions.Remove(session);
        _delays.Tell(new DelayBuffer.ForgetAll(session));
        _pool.Tell(new WorkerPool.Forget(session.Broker!));
        DrainedIfEmpty();
    }

    // ---- deliveries ----

    private void OnDelivered(QueueConsumer.Delivered delivered)
    {
        var session = delivered.Session;
        if (session.IsOver)
            return;

        _failures = 0;
        for (var i = 0; i < delivered.Deliveries.Count; i++)
        {
            var delivery = delivered.Deliveries[i];
            session.InFlight.Add(delivery);
            if (session.IsStopped)
                Settle(session, Settlement.Return(delivery), null);
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
                Settle(session, refused.Settlement, refused.Message);
                break;
        }
    }

    // ---- settling ----

    private void OnSettled(QueueConsumer.Settled settled)
    {
        for (var i = 0; i < _sessions.Count; i++)
        {
            if (ReferenceEquals(_sessions[i].Broker, settled.Settlement.Delivery.Consumer))
            {
                Settle(_sessions[i], settled.Settlement, settled.Message);
                return;
            }
        }
    }

    private void Settle(ConsumerSession session, Settlement settlement, Message? message)
    {
        if (!session.InFlight.Remove(settlement.Delivery))
            return;

        if (session.Unsent.Count == 0 && !session.IsFlushing)
            Self.Tell(QueueConsumer.Flush.Instance);   // comes after what is in the mailbox already, so that it goes out in one batch
        session.Unsent.Add(settlement);
        session.UnsentMessages.Add(message);
    }

    private void FlushAll()
    {
        for (var i = _sessions.Count - 1; i >= 0; i--)
            Flush(_sessions[i]);
    }

    private void Flush(ConsumerSession session)
    {
        if (session.IsFlushing || session.Unsent.Count == 0)
            return;

        var batch = new SettlementBatch(session, session.Unsent, session.UnsentMessages);
        session.Unsent = new List<Settlement>(batch.Settlements.Count);
        session.UnsentMessages = new List<Message?>(batch.Settlements.Count);
        Announce(batch, before: true);
        var settling = session.Broker!.SettleAsync(batch.Settlements);
        if (settling.IsCompletedSuccessfully)
        {
            Announce(batch, before: false);
            CloseIfDone(session);
            return;
        }

        session.IsFlushing = true;
        settling.AsTask().PipeTo(Self, success: () => new QueueConsumer.Flushed(batch, null), failure: error => new QueueConsumer.Flushed(batch, error));
    }

    private void OnFlushed(QueueConsumer.Flushed flushed)
    {
        var session = flushed.Batch.Session;
        session.IsFlushing = false;
        if (session.IsOver)
            return;

        if (flushed.Error is { } error)
        {
            _log.Warning("Queue {0}: {1} settled messages could not be told to the broker, which delivers them again: {2}", _settings.Queue, flushed.Batch.Settlements.Count, error.Message);
            _ = session.Broker!.CloseAsync().AsTask();
            Self.Tell(new QueueConsumer.SessionEnded(session, error));
            return;
        }

        Announce(flushed.Batch, before: false);
        Flush(session);
        CloseIfDone(session);
    }

    private static void Announce(SettlementBatch batch, bool before)
    {
        var events = Context.System.EventStream;
        for (var i = 0; i < batch.Settlements.Count; i++)
        {
            var message = batch.Messages[i];
            switch (batch.Settlements[i].Kind)
            {
                case SettlementKind.Ack when message is not null:
                    events.Publish(before ? new Signals.BeforeAck(message) : new Signals.AfterAck(message));
                    break;
                case SettlementKind.DeadLetter:
                    var (reason, cause) = (batch.Settlements[i].Reason ?? "it was given up", batch.Settlements[i].Cause);
                    events.Publish(before ? new Signals.BeforeNack(message, reason, cause) : new Signals.AfterNack(message, reason, cause));
                    break;
            }
        }
    }

    // ---- pause, resume, drain ----

    private void OnPause()
    {
        if (_state is ConsumerState.Paused or ConsumerState.Draining)
            return;

        _log.Info("Queue {0}: paused; what is in hand is finished.", _settings.Queue);
        _state = ConsumerState.Paused;
        StopTaking();
    }

    private void OnResume()
    {
        if (_state is not ConsumerState.Paused)
            return;

        _log.Info("Queue {0}: resumed.", _settings.Queue);
        _state = ConsumerState.Connecting;
        Connect();
    }

    private void OnDrain()
    {
        _drainer = Sender;
        _state = ConsumerState.Draining;
        StopTaking();
        DrainedIfEmpty();
    }

    private void StopTaking()
    {
        _reconnect.Stop();
        if (_current is not { } session)
            return;

        _current = null;
        session.IsStopped = true;
        session.Broker!.StopAsync().AsTask().PipeTo(Self, success: static () => QueueConsumer.Flush.Instance, failure: error => new QueueConsumer.SessionEnded(session, error));
        _pool.Tell(WorkerPool.HandBack.Instance, Self);
        _delays.Tell(DelayBuffer.HandBack.Instance, Self);
        CloseIfDone(session);
    }

    private void ReturnAll(IReadOnlyList<Work> works)
    {
        foreach (var work in works)
            OnSettled(new QueueConsumer.Settled(Settlement.Return(work.Delivery), work.Message));
    }

    private void ReturnAll(IReadOnlyList<DelayBuffer.Hold> holds)
    {
        foreach (var hold in holds)
            OnSettled(new QueueConsumer.Settled(Settlement.Return(hold.Delivery), hold.Message));
    }

    /// <summary>Closes a stopped session once everything of it is settled at the broker.</summary>
    private void CloseIfDone(ConsumerSession session)
    {
        if (!session.IsStopped || session.IsOver || session.IsFlushing || session.InFlight.Count > 0 || session.Unsent.Count > 0)
            return;

        session.IsOver = true;
        _sessions.Remove(session);
        _closing++;
        session.Broker!.CloseAsync().AsTask().PipeTo(Self, success: static () => QueueConsumer.Closed.Instance, failure: static _ => QueueConsumer.Closed.Instance);
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
