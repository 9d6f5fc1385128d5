using Dramatiq.Akka.Consumers;

namespace Dramatiq.Akka.Inspection;

/// <summary>The counts of one queue in this process at one moment.</summary>
internal readonly record struct TrafficCounts(long Enqueued, ConsumerCounts Consumed)
{
    public static IReadOnlyDictionary<string, TrafficCounts> Of(LocalSight sight)
    {
        var counts = sight.Gateway.EnqueuedByQueue.ToDictionary(static one => one.Key, static one => new TrafficCounts(one.Value, default), StringComparer.Ordinal);
        foreach (var (queue, seen) in sight.Queues)
            counts[queue] = new TrafficCounts(counts.GetValueOrDefault(queue).Enqueued, seen.Queue?.Counts ?? default);
        return counts;
    }
}

/// <summary>The counts of all queues at one moment. It never changes.</summary>
internal sealed record TrafficSample(DateTimeOffset At, IReadOnlyDictionary<string, TrafficCounts> Counts)
{
    /// <summary>What has happened so far, and how fast since this sample.</summary>
    public Traffic To(string queue, DateTimeOffset now, TrafficCounts counts)
    {
        var (before, seconds) = (Counts.GetValueOrDefault(queue), (now - At).TotalSeconds);
        var (consumed, consumedBefore) = (counts.Consumed, before.Consumed);
        return new Traffic(
            counts.Enqueued, consumed.Taken, consumed.Done, consumed.Failed, consumed.Dead, consumed.Returned,
            Rate(counts.Enqueued - before.Enqueued, seconds), Rate(consumed.Done - consumedBefore.Done, seconds), Rate(consumed.Failed - consumedBefore.Failed, seconds));
    }

    // A clock that was set back, or a consumer that did not answer, makes no negative rate.
    private static double Rate(long count, double seconds) => seconds <= 0 || count <= 0 ? 0 : Math.Round(count / seconds, 3);
}
