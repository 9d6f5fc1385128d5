namespace Dramatiq.Akka.Inspection;

/// <summary>A question: the workers of this process, and what each runs. Answered with <see cref="PoolList"/>.</summary>
/// <param name="Queue">The canonical name; null for all queues.</param>
public sealed record GetWorkers(string? Queue = null) : IQuestion<PoolList>;

/// <summary>The pools, by queue.</summary>
/// <param name="Pools">One for each queue that is consumed here.</param>
public sealed record PoolList(IReadOnlyList<PoolReport> Pools)
{
    /// <summary>The queues that are consumed here and whose consumers or workers did not answer within seconds: they hang, or are just being replaced.</summary>
    public IReadOnlyList<string> Silent { get; init; } = [];
}

/// <summary>The workers of one queue in this process.</summary>
/// <param name="Queue">The canonical name.</param>
/// <param name="Workers">How many there are to take messages, idle or busy.</param>
/// <param name="Busy">How many have one in hand.</param>
/// <param name="Waiting">How many messages were fetched that no worker has started.</param>
/// <param name="Abandoned">How many are out of the pool with a handler that does not come back.</param>
/// <param name="Running">What the busy and the abandoned ones run, the longest first; at most 1,000 of them, and none where the question did not ask for it.</param>
public sealed record PoolReport(string Queue, int Workers, int Busy, int Waiting, int Abandoned, IReadOnlyList<WorkerReport> Running);

/// <summary>A worker that has a message in hand.</summary>
/// <param name="Worker">Its name within the pool.</param>
/// <param name="IsAbandoned">Whether its handler was given up and has not come back.</param>
/// <param name="IsRetiring">Whether it leaves the pool when it is done.</param>
/// <param name="MessageId">The <c>message_id</c>.</param>
/// <param name="ActorName">The actor.</param>
/// <param name="Attempt">1 for the first run.</param>
/// <param name="Since">When it was given the message.</param>
/// <param name="RunningMs">How long it has had the message.</param>
public sealed record WorkerReport(
    string Worker, bool IsAbandoned, bool IsRetiring, string MessageId, string ActorName, int Attempt, DateTimeOffset Since, long RunningMs);
