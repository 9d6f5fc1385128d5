using Akka.Event;
using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Enqueueing;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Timing;

namespace Dramatiq.Akka.Hosting;

/// <summary>The root of what consumes in this process: two consumers for each queue, their start and their drain.</summary>
internal static class DramatiqNode
{
    /// <summary>Answered with <see cref="Started"/> when every consumer exists.</summary>
    public sealed record GetStarted : INoSerializationVerificationNeeded
    {
        public static GetStarted Instance { get; } = new();
    }

    public sealed record Started : INoSerializationVerificationNeeded
    {
        public static Started Instance { get; } = new();
    }

    /// <summary>An order to a queue's consumer.</summary>
    public sealed record ToQueue(string Queue, QueueConsumer.ICommand Order, bool DelayQueueToo) : INoSerializationVerificationNeeded;

    /// <summary>Drain every consumer, then the gateway; answered with <see cref="Drained"/>.</summary>
    public sealed record Drain : INoSerializationVerificationNeeded
    {
        public static Drain Instance { get; } = new();
    }

    /// <summary>Nothing is in hand any more.</summary>
    /// <param name="Complete">Whether everything came to its end within the deadline.</param>
    public sealed record Drained(bool Complete) : INoSerializationVerificationNeeded;

    public static Props Create(DramatiqSettings settings, ConsumerParts parts) => Props.Create(() => new DramatiqNodeActor(settings, parts));
}

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
    private readonly HashSet<string> _undrained = new(StringComparer.Ordinal);
    private readonly List<IActorRef> _drainers = [];
    private bool _draining;
    private bool _complete = true;

    public DramatiqNodeActor(DramatiqSettings settings, ConsumerParts parts)
    {
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
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(-1, Timeout.InfiniteTimeSpan, _ => _draining ? Directive.Stop : Directive.Restart);

    protected override void PostStop() => _deadline.Dispose();

    private void Start(ConsumerSettings settings)
    {
        if (!_memories.TryGetValue(settings.Queue, out var memory))
            _memories.Add(settings.Queue, memory = new ConsumerMemory());
        _consumers.Add(settings.Queue, Context.Watch(Context.ActorOf(QueueConsumer.Create(settings, _parts, memory), settings.Queue)));
    }

    private void Running()
    {
        Receive<DramatiqNode.GetStarted>(_ => Sender.Tell(DramatiqNode.Started.Instance));
        Receive<DramatiqNode.ToQueue>(OnOrder);
        Receive<DramatiqNode.Drain>(OnDrain);
        Receive<Terminated>(terminated => Restore(terminated.ActorRef));
    }

    private void Draining()
    {
        Receive<DramatiqNode.Drain>(_ => _drainers.Add(Sender));
        Receive<QueueConsumer.Drained>(drained => Drained(drained.Queue));
        Receive<Terminated>(terminated => Drained(terminated.ActorRef.Path.Name));
        Receive<DeadlinePassed>(_ => OnDeadline());
    }

    private void DrainingGateway()
    {
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
        Receive<DramatiqNode.Drain>(_ => Sender.Tell(new DramatiqNode.Drained(_complete)));
        Receive<Terminated>(static _ => { });
        ReceiveAny(static _ => { });
    }

    private void OnOrder(DramatiqNode.ToQueue order)
    {
        if (!_consumers.TryGetValue(order.Queue, out var consumer))
        {
            _log.Warning("Queue {0} is not consumed here, so it cannot be given orders (consumed: {1}).", order.Queue, string.Join(", ", _parts.Declarations.ConsumedQueues));
            return;
        }

        Give(order.Queue, consumer, order.Order);
        if (order.DelayQueueToo && QueueName.Delay(order.Queue) is var delay && delay != order.Queue && _consumers.TryGetValue(delay, out var delays))
            Give(delay, delays, order.Order);
    }

    /// <summary>What an operator ordered holds for the queue, and so for a consumer that takes another's place too.</summary>
    private void Give(string queue, IActorRef consumer, QueueConsumer.ICommand order)
    {
        var memory = _memories[queue];
        switch (order)
        {
            case QueueConsumer.Pause: memory.IsPaused = true; break;
            case QueueConsumer.Resume: memory.IsPaused = false; break;
            case QueueConsumer.ScaleWorkers scale: memory.Workers = scale.Workers; break;
        }

        consumer.Forward(order);
    }

    private void Restore(IActorRef stopped)
    {
        var name = stopped.Path.Name;
        _log.Error("The consumer of queue {0} was stopped; a new one takes its place.", name);
        _consumers.Remove(name);
        var (settings, delaySettings) = _settings.Queue(QueueName.Canonical(name));
        Start(QueueName.IsDelay(name) ? delaySettings : settings);
    }

    private void OnDrain(DramatiqNode.Drain drain)
    {
        _log.Info("Draining: no more messages are taken, and what is in hand has {0}.", DurationText.Of(_settings.ShutdownDeadline));
        _draining = true;
        _drainers.Add(Sender);
        Become(Draining);
        _deadline.Start(_settings.ShutdownDeadline);
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
            Context.Stop(_consumers[queue]);
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
