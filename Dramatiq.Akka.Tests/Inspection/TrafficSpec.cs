using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Enqueueing;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Tests.Inspection;

public sealed class TrafficSpec
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;
    private readonly TrafficLog _log = new(TimeSpan.FromSeconds(10), Start);

    [Fact]
    public void Late_answer_must_make_no_spike()
    {
        Add(1, enqueued: 100, done: 90);
        Add(2, enqueued: null, done: null);
        Add(3, enqueued: 105, done: 97);
        _log.Add(Start.AddSeconds(40), TrafficCounts.Of(new LocalSight(NodeState.Running, null, new Dictionary<string, QueueSight>()), _log.Latest));   // the consumer is just being replaced

        Assert.Equal([(100, 90), (0, 0), (5, 7), (0, 0)], _log.History("q").Points.Select(static point => (point.Enqueued, point.Done)));
        Assert.Equal([(100, 90), (0, 0), (5, 7), (0, 0)], _log.History(null).Points.Select(static point => (point.Enqueued, point.Done)));
    }

    private void Add(int interval, long? enqueued, long? done)
    {
        var gateway = enqueued is { } many ? new GatewayProtocol.Snapshot(0, 0, new Dictionary<string, long> { ["q"] = many }, 0) : null;
        var queue = done is { } count ? new QueueConsumer.Snapshot("q", ConsumerState.Consuming, 1, 0, 0, null, null, new ConsumerCounts(count, count, 0, 0, 0)) : null;
        var sight = new QueueSight(false, false, ActorRefs.Nobody, null, queue, null, null);
        _log.Add(Start.AddSeconds(10 * interval), TrafficCounts.Of(new LocalSight(NodeState.Running, gateway, new Dictionary<string, QueueSight> { ["q"] = sight }), _log.Latest));
    }
}
