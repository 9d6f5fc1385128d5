using Akka.Event;
using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Timing;

namespace Dramatiq.Akka.Enqueueing;

// order --> message --> room for it? --> enqueue stages --> Publisher --> answer
internal sealed class QueueGatewayActor : ReceiveActor
{
    private readonly MessageFactory _factory;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ActorTimer _timer;
    private readonly Deadlines _deadlines;
    private readonly GatewayTicks _ticks;
    private readonly EnqueueStageChain _stages;
    private readonly EnqueueAnswers _answers;
    private readonly Publisher _publisher;
    private long _numbers;

    public QueueGatewayActor(IBroker broker, GatewaySettings settings, Declarations declarations, WireJson json, TimeProvider time, Random random, bool announces = false)
    {
        _factory = new MessageFactory(declarations, json, time);
        _timer = new ActorTimer(time, Self, GatewayProtocol.Tick.Instance);
        _deadlines = new Deadlines(settings.Timeout, time);
        _ticks = new GatewayTicks(settings, _timer, random, _log);
        _stages = new EnqueueStageChain(declarations.Pipeline, _ticks, Context);
        _answers = new EnqueueAnswers(settings, _stages, announces ? Context.System.EventStream : null, _log);
        _publisher = new Publisher(broker, settings, _answers, _ticks, _deadlines, Self);

        Receive<GatewayProtocol.Publish>(publish => Take(publish.Message, publish.Eta, new StageReply(Sender, publish.Correlation)));
        Receive<GatewayProtocol.Awaited>(awaited => OnOrder(awaited.Order, new TaskReply(awaited.Completion)));
        Receive<Enqueue>(order => OnOrder(order, new ActorReply(Sender, confirms: true)));
        Receive<EnqueueMany>(OnMany);
        Receive<GatewayProtocol.Staged>(staged => OnStaged(staged.Context));
        Receive<GatewayProtocol.Rejected>(OnRejected);
        Receive<GatewayProtocol.BatchEnded>(_publisher.OnBatchEnded);
        Receive<GatewayProtocol.QueueDeclared>(_publisher.OnQueueDeclared);
        Receive<GatewayProtocol.Tick>(_ => OnTick());
        Receive<GatewayProtocol.GetSnapshot>(_ => Sender.Tell(_answers.Snapshot()));
        Receive<GatewayProtocol.Drain>(_ => _answers.AddDrainer(Sender));
        Receive<Terminated>(OnStageTerminated);
        ReceiveAny(task => OnOrder(new Enqueue(task), new ActorReply(Sender, confirms: false)));
    }

    /// <summary>An enqueue stage that fails has answered for its message already: it is built anew. One that cannot be built is left alone until the next message.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(-1, Timeout.InfiniteTimeSpan,
        static error => error is ActorInitializationException or ActorKilledException ? Directive.Stop : Directive.Restart);

    protected override void PostStop()
    {
        _timer.Dispose();
        foreach (var context in _stages.InHand.Concat(_publisher.InHand).ToArray())
            _answers.Fail(context, "the process shut down before the broker had confirmed it", context.LastError, isRefusal: false);
    }

    private void OnMany(EnqueueMany many)
    {
        if (many.Tasks.Count == 0)
        {
            Sender.Tell(new EnqueuedMany([]));
            return;
        }

        var answer = new ManyReply.Answer(Sender, many.Tasks.Count);
        for (var i = 0; i < many.Tasks.Count; i++)
            OnOrder(many.Tasks[i] as Enqueue ?? new Enqueue(many.Tasks[i]), new ManyReply(answer, i));
    }

    private void OnOrder(Enqueue order, IReply reply)
    {
        try
        {
            var (message, eta) = _factory.Create(order);
            Take(message, eta, reply);
        }
        catch (Exception cause)
        {
            _answers.FailUnmade(reply, cause);
        }
    }

    private void Take(Message message, long? eta, IReply reply)
    {
        var context = new EnqueueContext(message, eta, _deadlines.FromNow(), reply) { Number = ++_numbers };
        if (_answers.Open(context))
            Advance(context);
    }

    private void Advance(EnqueueContext context)
    {
        if (!_stages.Send(context))
            _publisher.Add(context);
    }

    private void OnStaged(EnqueueContext context)
    {
        if (!_stages.Take(context))
            return;

        context.Passed++;
        Advance(context);
    }

    private void OnRejected(GatewayProtocol.Rejected rejected)
    {
        if (_stages.Take(rejected.Context))
            _answers.Fail(rejected.Context, rejected.Reason, rejected.Cause);
    }

    private void OnStageTerminated(Terminated terminated)
    {
        if (_stages.OnTerminated(terminated.ActorRef, out var lost) is not { } middleware)
            return;

        _log.Error("Enqueue stage {0} was stopped; a new one takes its place when it is needed.", middleware.Name);
        foreach (var context in lost)
            _answers.Fail(context, $"enqueue stage {middleware.Name} was stopped with the message in hand", null);
    }

    private void OnTick()
    {
        _ticks.OnTick();
        var now = _deadlines.Now;
        foreach (var late in _stages.TakeLate(now))
            _answers.FailLate(late);

        _publisher.OnTick(now);
        if (_answers.AnyOpen)
            _ticks.Start();
    }
}
