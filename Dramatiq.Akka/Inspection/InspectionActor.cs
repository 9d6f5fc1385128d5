using Akka.Event;
using Dramatiq.Akka.Timing;

namespace Dramatiq.Akka.Inspection;

// IQuestion --> who knows it --> its answer, or Status.Failure with an InspectionException ; Sample, each interval --> Sampled
internal sealed class InspectionActor : ReceiveActor
{
    private readonly InspectionParts _parts;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ActorTimer _timer;
    private readonly TrafficLog _traffic;
    private readonly LocalLook _look;
    private readonly ActorList _actors;
    private readonly ActorTreeWalk _tree = new(Context.System);
    private readonly NodeAnswers _node;
    private readonly QueueAnswers _queues;
    private readonly QueueOrdering _ordering;
    private readonly LifeAnswers _lives;
    private readonly MessageAnswers _messages;
    private readonly MessageOrdering _messageOrdering;

    public InspectionActor(InspectionParts parts)
    {
        _parts = parts;
        _timer = new ActorTimer(parts.Time, Self, Sample.Instance);
        var startedAt = parts.Time.GetUtcNow();
        _traffic = new TrafficLog(parts.Settings.TrafficInterval, startedAt);
        _look = new LocalLook(parts.Node, parts.Gateway);
        _actors = ActorAnswers.List(parts.Declarations);
        _node = new NodeAnswers(parts, _look, startedAt);
        _queues = new QueueAnswers(parts, _look);
        _ordering = new QueueOrdering(parts, _look, _queues);
        _lives = new LifeAnswers(parts, _log);
        _messages = new MessageAnswers(parts, _look, _queues, _lives);
        _messageOrdering = new MessageOrdering(parts, _look, _queues, _lives);
        Receive<IQuestion>(OnQuestion);
        Receive<Sample>(_ => OnSample());
        Receive<Sampled>(OnSampled);
        Receive<Status.Failure>(_ => _timer.Start(parts.Settings.TrafficInterval));   // a sample that could not be had
    }

    public static Props Create(InspectionParts parts) => Props.Create(() => new InspectionActor(parts));

    protected override void PreStart() => _timer.Start(_parts.Settings.TrafficInterval);

    protected override void PostStop() => _timer.Dispose();

    /// <summary>What takes time is piped to whoever asked, so that a slow broker keeps nobody else waiting.</summary>
    private void OnQuestion(IQuestion question)
    {
        var broker = _parts.Broker;
        AnswerAsync(question).PipeTo(Sender, Self, failure: error => new Status.Failure(InspectionFailures.Of(error, broker)));
    }

    /// <summary>Runs up to its first wait in the actor. The traffic is given as it is now, since what comes after a wait runs elsewhere.</summary>
    private async Task<object> AnswerAsync(IQuestion question) => question switch
    {
        GetNode => await _node.ReportAsync(),
        DrainNode => await _node.DrainAsync(),
        GetQueues => await _queues.ListAsync(_traffic.Recent()),
        GetQueue one => await _queues.OneAsync(one.Queue, _traffic.Recent()),
        GetHistory history => await HistoryAsync(history.Queue, _traffic.History(history.Queue)),
        GetConsumers => await _queues.ConsumersAsync(),
        GetWorkers workers => await _queues.WorkersAsync(workers.Queue),
        GetActors => _actors,
        GetActorTree tree => _tree.Walk(tree),
        GetMessages page => await _messages.PageAsync(page),
        GetMessage message => await _messages.OneAsync(message),
        CountMessages count => await _messages.CountAsync(count),
        GetLife life => new LifeAnswer(await _lives.FindAsync(life.MessageId)),
        PauseQueue pause => await _ordering.PauseAsync(pause),
        ResumeQueue resume => await _ordering.ResumeAsync(resume),
        ScaleWorkers scale => await _ordering.ScaleAsync(scale),
        RequeueDead requeue => await _messageOrdering.RequeueAsync(requeue),
        DeleteMessages delete => await _messageOrdering.DeleteAsync(delete),
        RunNow run => await _messageOrdering.RunNowAsync(run),
        PurgeQueue purge => await _messageOrdering.PurgeAsync(purge),
        EnqueueMessage enqueue => await _messageOrdering.EnqueueAsync(enqueue),
        _ => throw new InspectionException(InspectionFailure.Invalid, $"{question.GetType().Name} is no question that is known here."),
    };

    private async Task<TrafficHistory> HistoryAsync(string? queue, TrafficHistory history)
    {
        if (queue is not null)
            await _queues.RequireAsync(queue).ConfigureAwait(false);
        return history;
    }

    private void OnSample() => SampleAsync(_look).PipeTo(Self);

    private static async Task<Sampled> SampleAsync(LocalLook look) => new(await look.LookAsync().ConfigureAwait(false));

    private void OnSampled(Sampled sampled)
    {
        _traffic.Add(_parts.Time.GetUtcNow(), TrafficCounts.Of(sampled.Sight, _traffic.Latest));
        _timer.Start(_parts.Settings.TrafficInterval);
    }

    private sealed class Sample : INoSerializationVerificationNeeded
    {
        public static readonly Sample Instance = new();
    }

    private sealed record Sampled(LocalSight Sight) : INoSerializationVerificationNeeded;
}
