using Dramatiq.Akka.Consumers;

namespace Dramatiq.Akka.Inspection;

/// <summary>The counts of one queue in this process at one moment.</summary>
internal readonly record struct TrafficCounts(long Enqueued, ConsumerCounts Consumed)
{
    /// <param name="sight">What is seen now.</param>
    /// <param name="before">What was counted last: whoever does not answer in time has counted that much at least, and not nothing.</param>
    public static IReadOnlyDictionary<string, TrafficCounts> Of(LocalSight sight, IReadOnlyDictionary<string, TrafficCounts> before)
    {
        var counts = new Dictionary<string, TrafficCounts>(before, StringComparer.Ordinal);
        foreach (var queue in before.Keys.Concat(sight.Queues.Keys).Concat(sight.Gateway?.EnqueuedByQueue.Keys ?? []))
            counts[queue] = Of(queue, sight, before);
        return counts;
    }

    /// <inheritdoc cref="Of(LocalSight, IReadOnlyDictionary{string, TrafficCounts})"/>
    public static TrafficCounts Of(string queue, LocalSight sight, IReadOnlyDictionary<string, TrafficCounts> before)
    {
        var last = before.GetValueOrDefault(queue);
        return new TrafficCounts(sight.Gateway?.EnqueuedByQueue.GetValueOrDefault(queue) ?? last.Enqueued, sight.Queues.GetValueOrDefault(queue)?.Queue?.Counts ?? last.Consumed);
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
