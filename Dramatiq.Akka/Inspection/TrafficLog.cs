using Dramatiq.Akka.Consumers;

namespace Dramatiq.Akka.Inspection;

/// <summary>The counts of the last hour, one sample for each interval, from which rates and charts are made. Belongs to the inspection actor.</summary>
internal sealed class TrafficLog(TimeSpan interval, DateTimeOffset startedAt)
{
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);
    private static readonly TimeSpan RateWindow = TimeSpan.FromMinutes(1);

    private readonly List<TrafficSample> _samples = [new TrafficSample(startedAt, new Dictionary<string, TrafficCounts>())];

    /// <summary>What was counted last.</summary>
    public IReadOnlyDictionary<string, TrafficCounts> Latest => _samples[^1].Counts;

    public void Add(DateTimeOffset at, IReadOnlyDictionary<string, TrafficCounts> counts)
    {
        _samples.Add(new TrafficSample(at, counts));
        var old = _samples.FindIndex(sample => at - sample.At <= Kept + interval);
        if (old > 0)
            _samples.RemoveRange(0, old);
    }

    /// <summary>What rates are measured against: the sample of about a minute ago, or the first.</summary>
    public TrafficSample Recent()
    {
        var latest = _samples[^1].At;
        return _samples.Find(sample => latest - sample.At <= RateWindow)!;
    }

    public TrafficHistory History(string? queue)
    {
        var points = new List<TrafficPoint>();
        for (var i = 1; i < _samples.Count; i++)
        {
            var (before, after) = (Sum(_samples[i - 1], queue), Sum(_samples[i], queue));
            points.Add(new TrafficPoint(
                _samples[i].At,
                Math.Max(0, after.Enqueued - before.Enqueued),
                Math.Max(0, after.Consumed.Done - before.Consumed.Done),
                Math.Max(0, after.Consumed.Failed - before.Consumed.Failed),
                Math.Max(0, after.Consumed.Dead - before.Consumed.Dead)));
        }

        return new TrafficHistory(queue, (long)interval.TotalMilliseconds, points);
    }

    private static TrafficCounts Sum(TrafficSample sample, string? queue)
    {
        if (queue is not null)
            return sample.Counts.GetValueOrDefault(queue);

        var (enqueued, done, failed, dead) = (0L, 0L, 0L, 0L);
        foreach (var one in sample.Counts.Values)
            (enqueued, done, failed, dead) = (enqueued + one.Enqueued, done + one.Consumed.Done, failed + one.Consumed.Failed, dead + one.Consumed.Dead);
        return new TrafficCounts(enqueued, new ConsumerCounts(0, done, failed, dead, 0));
    }

}
