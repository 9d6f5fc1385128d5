namespace Dramatiq.Akka.Brokers;

/// <summary>Orders that name messages by their ids.</summary>
public static class MovingExtensions
{
    /// <summary>Puts dead letters back into their queue; see <see cref="MoveKind.Requeue"/>.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="queue">The canonical queue.</param>
    /// <param name="ids">Keys or <c>message_id</c>s; null for all. What is not there is passed over.</param>
    /// <param name="cancellationToken">Ends the work between two pages.</param>
    /// <exception cref="QueueNotFoundException">The queue was never declared.</exception>
    public static ValueTask<MessagesMoved> RequeueDeadLettersAsync(
        this IInspectsQueues broker, string queue, IReadOnlyCollection<string>? ids, CancellationToken cancellationToken) =>
        broker.MoveAsync(QueueName.Dead(queue), new MoveRequest(MoveKind.Requeue) { Ids = ids }, cancellationToken);

    /// <summary>Drops messages that wait; what a consumer holds is left alone.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="queue">The queue as on the wire: <c>q</c>, <c>q.DQ</c> or <c>q.XQ</c>.</param>
    /// <param name="ids">Keys or <c>message_id</c>s. What is not there is passed over.</param>
    /// <param name="cancellationToken">Ends the work between two pages.</param>
    /// <exception cref="QueueNotFoundException">The queue was never declared.</exception>
    public static ValueTask<MessagesMoved> DeleteAsync(this IInspectsQueues broker, string queue, IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        broker.MoveAsync(queue, new MoveRequest(MoveKind.Delete) { Ids = ids }, cancellationToken);

    /// <summary>Puts delayed messages into their queue at once; see <see cref="MoveKind.RunNow"/>.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="queue">The canonical queue.</param>
    /// <param name="ids">Keys or <c>message_id</c>s. What is not there is passed over.</param>
    /// <param name="cancellationToken">Ends the work between two pages.</param>
    /// <exception cref="QueueNotFoundException">The queue was never declared.</exception>
    public static ValueTask<MessagesMoved> RunDelayedNowAsync(this IInspectsQueues broker, string queue, IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        broker.MoveAsync(QueueName.Delay(queue), new MoveRequest(MoveKind.RunNow) { Ids = ids }, cancellationToken);
}
