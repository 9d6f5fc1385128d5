using Akka.Event;
using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Timing;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Telemetry;

/// <summary>
/// Asks consumers, pools and the broker how they are, on an interval and only while somebody listens, and counts what the event stream tells of seldom things. Nothing waits for it.
/// </summary>
// Waiting --Tick--> asks whoever is asked for, and waits again ; the broker is asked once at a time
internal sealed class QueueTelemetryActor : ReceiveActor
{
    private readonly IBroker _broker;
    private readonly Declarations _declarations;
    private readonly TaskTelemetry _telemetry;
    private readonly TimeSpan _interval;
    private readonly ActorTimer _timer;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
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
        if (_telemetry.Queues.AreConsumersAsked)
        {
            Context.ActorSelection("/user/dramatiq/*").Tell(QueueConsumer.GetSnapshot.Instance);
            Context.ActorSelection("/user/dramatiq/*/workers").Tell(WorkerPool.GetSnapshot.Instance);
        }

        if (_telemetry.Queues.IsBrokerAsked && !_isAsking && _broker is IInspectsQueues inspected)
        {
            _isAsking = true;
            ReadAsync(inspected).PipeTo(Self, failure: static error => new BrokerRead([], error));
        }

        _timer.Start(_interval);
    }

    private void OnBrokerRead(BrokerRead read)
    {
        _isAsking = false;
        if (read.Error is { } error)
            _log.Debug("The depth of queues is not known: {0}", error.Message);
        _telemetry.Queues.Take(read.Queues, _telemetry.Time.GetUtcNow());
    }

    private async Task<BrokerRead> ReadAsync(IInspectsQueues broker)
    {
        var read = new List<QueueStats>();
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
        }

        return new BrokerRead(read, null);
    }

    private sealed record BrokerRead(IReadOnlyList<QueueStats> Queues, Exception? Error) : INoSerializationVerificationNeeded;

    private sealed class Tick : INoSerializationVerificationNeeded
    {
        public static readonly Tick Instance = new();
    }
}
