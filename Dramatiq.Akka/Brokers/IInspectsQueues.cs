namespace Dramatiq.Akka.Brokers;

/// <summary>A broker that can tell what its queues hold, and move or drop what waits in them.</summary>
/// <remarks>
/// <para>Nothing here may cost the broker more than what is looked at: a page is read as a page. Where a broker can only look from the head of a queue, as RabbitMQ (which takes the
/// messages and puts them back, keeping their order), it looks no further than a bound of its own, and says how far it looked.</para>
/// <para>An id is either a <see cref="PeekedMessage.Key"/>, which leads to its message at once where the broker can do that, or the <c>message_id</c>, which is looked for.</para>
/// <para>Everything that moves a message moves it once, however many ask at the same time.</para>
/// </remarks>
public interface IInspectsQueues : IBroker
{
    /// <summary>The queues that this broker knows, by canonical name.</summary>
    ValueTask<IReadOnlyList<string>> GetQueuesAsync(CancellationToken cancellationToken);

    /// <summary>How much one queue holds.</summary>
    /// <exception cref="QueueNotFoundException">The queue was never declared.</exception>
    ValueTask<QueueStats> GetStatsAsync(string queue, CancellationToken cancellationToken);

    /// <summary>Reads messages that wait, without taking them, in the order in which they would be taken; dead letters from the one that died first.</summary>
    /// <param name="queue">The queue as on the wire: <c>q</c>, <c>q.DQ</c> or <c>q.XQ</c>.</param>
    /// <param name="request">Which.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="QueueNotFoundException">The queue was never declared.</exception>
    ValueTask<PeekedPage> PeekAsync(string queue, PeekRequest request, CancellationToken cancellationToken);

    /// <summary>Looks for one message, as far as the broker can or dares to.</summary>
    /// <param name="queue">The queue as on the wire: <c>q</c>, <c>q.DQ</c> or <c>q.XQ</c>.</param>
    /// <param name="id">A key or a <c>message_id</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A page of one, or of none; <see cref="PeekedPage.IsComplete"/> says whether none means that it is not there.</returns>
    /// <exception cref="QueueNotFoundException">The queue was never declared.</exception>
    ValueTask<PeekedPage> FindAsync(string queue, string id, CancellationToken cancellationToken);

    /// <summary>Moves or drops messages that wait: those that are named, or match, or all.</summary>
    /// <param name="queue">The queue as on the wire: <c>q.XQ</c> to requeue, <c>q.DQ</c> to run now, any to drop.</param>
    /// <param name="request">Which, and what becomes of them.</param>
    /// <param name="cancellationToken">Ends the work between two pages.</param>
    /// <exception cref="QueueNotFoundException">The queue was never declared.</exception>
    ValueTask<MessagesMoved> MoveAsync(string queue, MoveRequest request, CancellationToken cancellationToken);

    /// <summary>Drops what waits in one queue; what a consumer holds is left alone.</summary>
    /// <param name="queue">The queue as on the wire: <c>q</c>, <c>q.DQ</c> or <c>q.XQ</c>.</param>
    /// <param name="cancellationToken">Ends the work between two pages.</param>
    /// <returns>How many messages were dropped.</returns>
    /// <exception cref="QueueNotFoundException">The queue was never declared.</exception>
    ValueTask<long> PurgeAsync(string queue, CancellationToken cancellationToken);
}
