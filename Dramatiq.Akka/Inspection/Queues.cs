namespace Dramatiq.Akka.Inspection;

/// <summary>A question: every queue that this process or its broker knows. Answered with <see cref="QueueList"/>.</summary>
public sealed record GetQueues : IQuestion<QueueList>;

/// <summary>A question: one queue. Answered with <see cref="QueueReport"/>.</summary>
/// <param name="Queue">The canonical name.</param>
public sealed record GetQueue(string Queue) : IQuestion<QueueReport>;

/// <summary>The queues, by name.</summary>
/// <param name="Queues">One report for each.</param>
public sealed record QueueList(IReadOnlyList<QueueReport> Queues);

/// <summary>One queue. Counts are the broker's and hold for all processes; null is what it cannot tell. Traffic and the rest are of this process.</summary>
/// <param name="Queue">The canonical name.</param>
/// <param name="Ready">Messages that wait for a consumer.</param>
/// <param name="Delayed">Messages that wait for their eta.</param>
/// <param name="InFlight">Messages in the hands of consumers of any process; where the broker cannot tell, null: <see cref="ConsumerReport.InFlight"/> tells of this process.</param>
/// <param name="Dead">Dead letters.</param>
/// <param name="OldestReadyAgeMs">How long ago the message that is next in turn was made; null when none waits, or the broker cannot tell.</param>
/// <param name="IsPausedHere">Whether this process was told to take nothing from it.</param>
/// <param name="IsPausedEverywhere">Whether every process was; null where the broker cannot keep that.</param>
/// <param name="Traffic">What went in and out in this process.</param>
/// <param name="Consumer">The consumer of the queue here; null when it is not consumed here.</param>
/// <param name="DelayConsumer">The consumer of its delay queue here.</param>
/// <param name="Workers">The workers of the queue here, without what each runs; see <see cref="GetWorkers"/>.</param>
/// <param name="Problem">Why there are no counts: the broker is away, cannot tell, or has no such queue yet.</param>
public sealed record QueueReport(
    string Queue,
    long? Ready,
    long? Delayed,
    long? InFlight,
    long? Dead,
    long? OldestReadyAgeMs,
    bool IsPausedHere,
    bool? IsPausedEverywhere,
    Traffic Traffic,
    ConsumerReport? Consumer,
    ConsumerReport? DelayConsumer,
    PoolReport? Workers,
    string? Problem)
{
    /// <summary>Whether there are no counts since the broker has no such queue yet: nobody has sent to it, and nobody consumes it.</summary>
    public bool IsUndeclared { get; init; }
}

/// <summary>What went through this process since it started, and how fast lately.</summary>
/// <param name="Enqueued">Messages whose enqueueing the broker has confirmed, retries included.</param>
/// <param name="Taken">Deliveries that the consumer received.</param>
/// <param name="Done">Messages that were acked without a failure, skipped ones included.</param>
/// <param name="Failed">Attempts that failed, whether there is another or not.</param>
/// <param name="Dead">Messages that became dead letters.</param>
/// <param name="Returned">Messages that went back to the queue.</param>
/// <param name="EnqueuedPerSecond">Over the last minute, or since the start if that is shorter.</param>
/// <param name="DonePerSecond">Over the last minute.</param>
/// <param name="FailedPerSecond">Over the last minute.</param>
public sealed record Traffic(
    long Enqueued, long Taken, long Done, long Failed, long Dead, long Returned, double EnqueuedPerSecond, double DonePerSecond, double FailedPerSecond);

/// <summary>A question: the traffic of this process over the last hour, for charts. Answered with <see cref="TrafficHistory"/>.</summary>
/// <param name="Queue">The canonical name; null for all queues together.</param>
public sealed record GetHistory(string? Queue = null) : IQuestion<TrafficHistory>;

/// <summary>Traffic over time.</summary>
/// <param name="Queue">The queue; null for all together.</param>
/// <param name="IntervalMs">How far apart the points are.</param>
/// <param name="Points">At most an hour of them, the last one last. What happened in the interval that ends at each.</param>
public sealed record TrafficHistory(string? Queue, long IntervalMs, IReadOnlyList<TrafficPoint> Points);

/// <summary>What happened in one interval.</summary>
/// <param name="At">Its end.</param>
/// <param name="Enqueued">Confirmed.</param>
/// <param name="Done">Acked without a failure.</param>
/// <param name="Failed">Attempts that failed.</param>
/// <param name="Dead">Became dead letters.</param>
public sealed record TrafficPoint(DateTimeOffset At, long Enqueued, long Done, long Failed, long Dead);
