using Akka.Event;
using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Timing;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Telemetry;

/// <summary>
/// Asks consumers, pools and the broker how they are, and has workers tell of the durations they kept back, on an interval and only while somebody listens; and counts what the event stream tells of seldom things. Nothing waits for it.
/// </summary>
// Waiting --Tick--> asks whoever is asked for, and waits again ; the broker is asked once at a time
internal sealed class QueueTelemetryActor : ReceiveActor
{
    private static readonly Dictionary<string, BrokerException> NoneUnread = [];

    private readonly IBroker _broker;
    private readonly Declarations _declarations;
    private readonly TaskTelemetry _telemetry;
    private readonly TimeSpan _interval;
    private readonly ActorTimer _timer;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<string> _warned = new(StringComparer.Ordinal);
    private bool _isAsking;

    public QueueTelemetryActor(IBroker broker, Declarations declarations, TaskTelemetry telemetry, TimeSpan interval)
    {
        _broker = broker;
        _declarations = declarations;
        _telemetry = telemetry;
        _interval = interval;
        _timer = new ActorTimer(telemetry.Time, Self, Tick.Instance);

        Receive<Tick>(_ => OnTick());
        Receive<QueueConsumer.Snapshot>(_telemetry.Queues.Take);
        Receive<WorkerPool.Snapshot>(pool => _telemetry.Queues.Take(Sender.Path.Parent.Name, pool));
        Receive<BrokerRead>(OnBrokerRead);
        Receive<Signals.AfterNack>(nack => _telemetry.Rejects.Add(1, _telemetry.Of(nack.Message, _declarations).Tags));
        Receive<Signals.HandlerAbandoned>(abandoned => _telemetry.Abandoned.Add(1, _telemetry.Of(abandoned.Message, _declarations).Tags));
    }

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe<Signals.AfterNack>(Self);
        Context.System.EventStream.Subscribe<Signals.HandlerAbandoned>(Self);
        _timer.Start(_interval);
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        _timer.Dispose();
        _stopping.Cancel();
    }

    private void OnTick()
    {
        // For who listens to the histogram alone, and so asks for nothing before which it would be told.
        if (_telemetry.Durations.Enabled)
            _telemetry.TellDurations();

        if (_telemetry.Queues.AreConsumersAsked)
        {
            Context.ActorSelection("/user/dramatiq/*").Tell(QueueConsumer.GetSnapshot.Instance);
            Context.ActorSelection("/user/dramatiq/*/workers").Tell(WorkerPool.GetSnapshot.Instance);
        }

        if (_telemetry.Queues.IsBrokerAsked && !_isAsking && _broker is IInspectsQueues inspected)
        {
            _isAsking = true;
            ReadAsync(inspected).PipeTo(Self, failure: static error => new BrokerRead([], NoneUnread, error));
        }

        _timer.Start(_interval);
    }

    private void OnBrokerRead(BrokerRead read)
    {
        _isAsking = false;
        if (read.Error is { } error)
            _log.Debug("The depth of queues is not known: {0}", error.Message);
        foreach (var (queue, problem) in read.Unread)
            TellOf(queue, problem, isAway: problem.IsTransient && read.Queues.Count == 0);
        _warned.IntersectWith(read.Unread.Keys);
        _telemetry.Queues.Take(read.Queues, _telemetry.Time.GetUtcNow());
    }

    /// <summary>One that cannot be read takes nothing from the others, and is told of once. That the broker is away is told of by the consumers.</summary>
    private void TellOf(string queue, BrokerException problem, bool isAway)
    {
        if (isAway)
            _log.Debug("The depth of queue {0} is not known: {1}", queue, problem.Message);
        else if (_warned.Add(queue))
            _log.Warning("The depth of queue {0} cannot be read, and is left out of the metrics until it can: {1}", queue, problem.Message);
    }

    private async Task<BrokerRead> ReadAsync(IInspectsQueues broker)
    {
        var (read, unread) = (new List<QueueStats>(), new Dictionary<string, BrokerException>(StringComparer.Ordinal));
        foreach (var queue in _declarations.Queues)
        {
            try
            {
                read.Add(await broker.GetStatsAsync(queue, _stopping.Token).ConfigureAwait(false));
            }
            catch (QueueNotFoundException)
            {
                // Nobody has sent to it yet.
            }
            catch (BrokerException error)
            {
                unread[queue] = error;
            }
        }

        return new BrokerRead(read, unread, null);
    }

    private sealed record BrokerRead(IReadOnlyList<QueueStats> Queues, IReadOnlyDictionary<string, BrokerException> Unread, Exception? Error) : INoSerializationVerificationNeeded;

    private sealed class Tick : INoSerializationVerificationNeeded
    {
        public static readonly Tick Instance = new();
    }
}
