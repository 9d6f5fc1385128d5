namespace Dramatiq.Akka.Inspection;

/// <summary>
/// Keeps the lives of messages by id. Written in batches by one actor in each process, off the way of the messages; who fails loses a batch of history and nothing else.
/// </summary>
/// <remarks>
/// Steps come from several processes, late and in any order. A store keeps those of one message sorted by <see cref="LifeStep.Order"/> and never lets a step that comes late take
/// the place of a later one: "enqueued" that arrives after "done" is history. A <see cref="LifeState.Requeued"/> begins anew: steps that are written after it come after it.
/// Safe for several callers at once.
/// </remarks>
public interface ILifeStore : IAsyncDisposable
{
    /// <summary>Adds steps. The list belongs to the caller and is left alone until completion.</summary>
    ValueTask WriteAsync(IReadOnlyList<LifeStep> steps, CancellationToken cancellationToken);

    /// <summary>The life of one message; null when nothing is known of it, or it is too long ago.</summary>
    /// <param name="messageId">The <c>message_id</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<MessageLife?> FindAsync(string messageId, CancellationToken cancellationToken);
}
