namespace Dramatiq.Akka.Brokers;

/// <summary>A broker that can tell what its queues hold, and move or drop what waits in them.</summary>
public interface IInspectsQueues : IBroker
{
    /// <summary>The queues that this broker knows, by canonical name.</summary>
    ValueTask<IReadOnlyList<string>> GetQueuesAsync(CancellationToken cancellationToken);

    /// <summary>How much one queue holds.</summary>
    /// <exception cref="QueueNotFoundException">The queue was never declared.</exception>
    ValueTask<QueueStats> GetStatsAsync(string queue, CancellationToken cancellationToken);

    /// <summary>Reads messages that wait, without taking them: the bodies, oldest first.</summary>
    /// <param name="queue">The queue as on the wire: <c>q</c>, <c>q.DQ</c> or <c>q.XQ</c>.</param>
    /// <param name="offset">How many to pass over: 0 or more.</param>
    /// <param name="count">How many to read at the most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="QueueNotFoundException">The queue was never declared.</exception>
    ValueTask<IReadOnlyList<ReadOnlyMemory<byte>>> PeekAsync(string queue, int offset, int count, CancellationToken cancellationToken);

    /// <summary>
    /// Puts dead letters back into their queue, as new: without <c>retries</c>, <c>traceback</c>, <c>requeue_timestamp</c>,
    /// <c>eta</c> and the note of why they died.
    /// </summary>
    /// <param name="queue">The canonical queue.</param>
    /// <param name="messageIds">Which; null for all. Ids that are not there are passed over.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many were put back.</returns>
    ValueTask<int> RequeueDeadLettersAsync(string queue, IReadOnlyCollection<string>? messageIds, CancellationToken cancellationToken);

    /// <summary>Drops what waits in one queue; what a consumer holds is left alone.</summary>
    /// <param name="queue">The queue as on the wire: <c>q</c>, <c>q.DQ</c> or <c>q.XQ</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many messages were dropped.</returns>
    ValueTask<int> PurgeAsync(string queue, CancellationToken cancellationToken);
}

/// <summary>How much a queue holds.</summary>
/// <param name="Queue">The canonical name.</param>
/// <param name="Ready">Messages that wait for a consumer.</param>
/// <param name="Delayed">Messages that wait for their eta, whether or not a consumer of the delay queue holds them.</param>
/// <param name="InFlight">Messages of the queue itself that a consumer holds unsettled.</param>
/// <param name="Dead">Dead letters.</param>
/// <param name="OldestReady">
/// When the message that is next in turn was made (its <c>message_timestamp</c>, which retries and delays leave alone); null when none waits, or when it cannot be told.
/// </param>
public sealed record QueueStats(string Queue, int Ready, int Delayed, int InFlight, int Dead, DateTimeOffset? OldestReady = null);
