using Akka.Event;
using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Enqueueing;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Timing;

namespace Dramatiq.Akka.Hosting;

// Running --Drain--> Draining consumers --all drained, or deadline--> Draining the gateway --> Drained
internal sealed class DramatiqNodeActor : ReceiveActor
{
    /// <summary>How long the gateway may still publish once the deadline has passed.</summary>
    private static readonly TimeSpan GatewayGrace = TimeSpan.FromSeconds(5);

    private readonly DramatiqSettings _settings;
    private readonly ConsumerParts _parts;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ActorTimer _deadline;
    private readonly Dictionary<string, IActorRef> _consumers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ConsumerMemory> _memories = new(StringComparer.Ordinal);
    private readonly QueueOrders _orders = new();
    private readonly HashSet<string> _undrained = new(StringComparer.Ordinal);
    private readonly List<IActorRef> _drainers = [];
    private IReadOnlySet<string>? _paused;
    private NodeState _state;
    private bool _complete = true;

    public DramatiqNodeActor(DramatiqSettings settings, ConsumerParts parts, IReadOnlySet<string>? paused)
    {
        _paused = paused;
        _settings = settings;
        _parts = parts;
        _deadline = new ActorTimer(parts.Time, Self, DeadlinePassed.Instance);
        Running();
    }

    protected override void PreStart()
    {
        foreach (var queue in _parts.Declarations.ConsumedQueues)
        {
            var (settings, delaySettings) = _settings.Queue(queue);
            Start(settings);
            Start(delaySettings);
        }

        if (_consumers.Count > 0)
            _log.Info("Consuming {0} from {1}.", string.Join(", ", _parts.Declarations.ConsumedQueues), _parts.Broker.Name);
    }

    /// <summary>A consumer that fails starts anew, and the broker delivers again what it held. While draining it just ends: a new one would take messages again.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(-1, Timeout.InfiniteTimeSpan, _ => _state is not NodeState.Running ? Directive.Stop : Directive.Restart);

    protected override void PostStop() => _deadline.Dispose();

    private void Start(ConsumerSettings settings)
    {
        if (!_memories.TryGetValue(settings.Queue, out var memory))
            _memories.Add(settings.Queue, memory = new ConsumerMemory { IsPausedEverywhere = IsPausedEverywhere(settings.Queue) });
        _consumers.Add(settings.Queue, Context.Watch(Context.ActorOf(QueueConsumer.Create(settings, _parts, memory), settings.Queue)));
    }

    private void Running()
    {
        Receive<DramatiqNode.GetStarted>(_ => Sender.Tell(DramatiqNode.Started.Instance));
        Receive<DramatiqNode.GetSnapshot>(_ => Sender.Tell(Snapshot()));
        Receive<DramatiqNode.PausedEverywhere>(OnPausedEverywhere);
        Receive<DramatiqNode.ToQueue>(OnOrder);
        Receive<QueueConsumer.Obeyed>(_orders.OnObeyed);
        Receive<DramatiqNode.Drain>(OnDrain);
        Receive<Terminated>(terminated => Restore(terminated.ActorRef));
    }

    private void Draining()
    {
        NoMoreOrders();
        Receive<DramatiqNode.Drain>(_ => _drainers.Add(Sender));
        Receive<QueueConsumer.Drained>(drained => Drained(drained.Queue));
        Receive<Terminated>(terminated => Drained(terminated.ActorRef.Path.Name));
        Receive<DeadlinePassed>(_ => OnDeadline());
    }

    private void DrainingGateway()
    {
        NoMoreOrders();
        Receive<DramatiqNode.Drain>(_ => _drainers.Add(Sender));
        Receive<GatewayProtocol.Drained>(_ => Finish());
        Receive<Terminated>(static _ => { });
        Receive<DeadlinePassed>(_ =>
        {
            _complete = false;
            Finish();
        });
    }

    private void Over()
    {
        NoMoreOrders();
        Receive<DramatiqNode.Drain>(_ => Sender.Tell(new DramatiqNode.Drained(_complete)));
        Receive<Terminated>(static _ => { });
        ReceiveAny(static _ => { });
    }

    private void NoMoreOrders()
    {
        Receive<DramatiqNode.GetSnapshot>(_ => Sender.Tell(Snapshot()));
        Receive<DramatiqNode.PausedEverywhere>(static _ => { });
        Receive<DramatiqNode.ToQueue>(_ => Sender.Tell(DramatiqNode.NoMoreOrders.Instance));
        Receive<QueueConsumer.Obeyed>(_orders.OnObeyed);
    }

    private void OnOrder(DramatiqNode.ToQueue order)
    {
        if (!_consumers.TryGetValue(order.Queue, out var consumer))
        {
            Sender.Tell(new DramatiqNode.NotConsumed([.. _parts.Declarations.ConsumedQueues]));
            return;
        }

        var memory = _memories[order.Queue];
        Remember(memory, order);
        if (order.Order is QueueConsumer.Resume && memory.IsPaused)
            Sender.Tell(new QueueConsumer.Obeyed(order.Queue, order.Order));   // its own pause is over, that of all holds
        else
            _orders.Give(order.Queue, order.Order, consumer, Sender);
    }

    /// <summary>What an operator ordered holds for the queue, and so for a consumer that takes another's place too.</summary>
    private static void Remember(ConsumerMemory memory, DramatiqNode.ToQueue order)
    {
        switch (order.Order)
        {
            case QueueConsumer.Pause: memory.IsPausedHere |= order.IsOwn; break;
            case QueueConsumer.Resume: memory.IsPausedHere = false; break;
            case QueueConsumer.ScaleWorkers scale: memory.Workers = scale.Workers; break;
        }
    }

    private bool IsPausedEverywhere(string queue) => _paused?.Contains(QueueName.Canonical(queue)) != false;

    private void OnPausedEverywhere(DramatiqNode.PausedEverywhere paused)
    {
        _paused = paused.Queues;
        foreach (var (queue, consumer) in _consumers)
        {
            var memory = _memories[queue];
            var before = memory.IsPaused;
            memory.IsPausedEverywhere = IsPausedEverywhere(queue);
            if (memory.IsPaused != before)
                consumer.Tell(memory.IsPaused ? new QueueConsumer.Pause() : new QueueConsumer.Resume());
        }
    }

    private DramatiqNode.Snapshot Snapshot() => new(_state,
        [.. _consumers.Where(one => _state is NodeState.Running || _undrained.Contains(one.Key)).Select(one => new DramatiqNode.ConsumerSnapshot(one.Key, one.Value, _memories[one.Key].IsPausedHere, _memories[one.Key].IsPausedEverywhere))]);

    private void Restore(IActorRef stopped)
    {
        var name = stopped.Path.Name;
        _log.Error("The consumer of queue {0} was stopped; a new one takes its place.", name);
        _consumers.Remove(name);
        var (settings, delaySettings) = _settings.Queue(QueueName.Canonical(name));
        Start(QueueName.IsDelay(name) ? delaySettings : settings);
        _orders.GiveAgain(name, _consumers[name]);
    }

    private void OnDrain(DramatiqNode.Drain drain)
    {
        _state = NodeState.Draining;
        _drainers.Add(Sender);
        Become(Draining);
        _deadline.Start(_settings.ShutdownDeadline);
        _log.Info("Draining: no more messages are taken, and what is in hand has {0}.", DurationText.Of(_settings.ShutdownDeadline));
        foreach (var (queue, consumer) in _consumers)
        {
            _undrained.Add(queue);
            consumer.Tell(QueueConsumer.Drain.Instance);
        }

        // Only now: a handler that stops at once gives its message back to a queue from which nothing is taken any more.
        _parts.Declarations.Pipeline.Services.IsShuttingDown = true;
        Context.System.EventStream.Publish(new Signals.BeforeWorkerShutdown());
        DrainGatewayIfDone();
    }

    private void Drained(string queue)
    {
        _orders.OnGone(queue);
        if (!_undrained.Remove(queue))
            return;

        Context.Stop(_consumers[queue]);   // its workers with it, as long as listeners are still there to hear of it
        DrainGatewayIfDone();
    }

    private void OnDeadline()
    {
        _complete = false;
        _log.Warning("The drain was not over after {0}: handlers on {1} are cut off, and their messages go back to the queue.", DurationText.Of(_settings.ShutdownDeadline), string.Join(", ", _undrained));
        foreach (var queue in _undrained)
        {
            Context.Stop(_consumers[queue]);
            _orders.OnGone(queue);
        }

        _undrained.Clear();
        _deadline.Start(GatewayGrace);
        DrainGatewayIfDone();
    }

    private void DrainGatewayIfDone()
    {
        if (_undrained.Count > 0)
            return;

        Become(DrainingGateway);
        _parts.Gateway.Tell(GatewayProtocol.Drain.Instance);
    }

    private void Finish()
    {
        _deadline.Stop();
        if (_complete)
            _log.Info("Drained.");
        else
            _log.Warning("Drained as far as the deadline allowed.");
        _state = NodeState.Drained;
        Become(Over);
        Context.System.EventStream.Publish(new Signals.AfterWorkerShutdown());
        foreach (var drainer in _drainers)
            drainer.Tell(new DramatiqNode.Drained(_complete));
    }

    private sealed class DeadlinePassed : INoSerializationVerificationNeeded
    {
        public static readonly DeadlinePassed Instance = new();
    }
}
