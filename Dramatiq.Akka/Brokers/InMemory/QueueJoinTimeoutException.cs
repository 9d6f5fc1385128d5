namespace Dramatiq.Akka.Brokers.InMemory;

/// <summary>A queue did not run empty in the time that a join was given.</summary>
public sealed class QueueJoinTimeoutException(QueueStats stats, TimeSpan timeout) : DramatiqException(
    $"Queue '{stats.Queue}' did not run empty within {timeout}: {stats.Ready} ready, {stats.InFlight} in flight, {stats.Delayed} delayed, {stats.Dead} dead. "
    + "Is a worker consuming it, and is the timeout long enough?")
{
    /// <summary>What the queue still held.</summary>
    public QueueStats Stats { get; } = stats;
}
