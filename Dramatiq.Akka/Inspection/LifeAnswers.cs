using Akka.Event;
using Dramatiq.Akka.Brokers;

namespace Dramatiq.Akka.Inspection;

/// <summary>Answers about the lives of messages, and notes what operators do to them.</summary>
internal sealed class LifeAnswers(InspectionParts parts, ILoggingAdapter log)
{
    public async Task<MessageLife?> FindAsync(string messageId)
    {
        if (parts.Lives is not { } store)
            throw new InspectionException(InspectionFailure.NotConfigured, "The lives of messages are not kept. Set dramatiq.inspection.lives.store to memory or broker.");

        try
        {
            return await store.FindAsync(messageId, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not BrokerException)   // a store may be anybody's
        {
            throw new InspectionException(InspectionFailure.Refused, $"The store of lives cannot tell: {error.GetType().Name}: {error.Message}", error);
        }
    }

    /// <summary>Null as well where they are not kept, or cannot be had now: the message itself can be shown without.</summary>
    public async Task<MessageLife?> TryFindAsync(string messageId)
    {
        if (parts.Lives is not { } store)
            return null;

        try
        {
            return await store.FindAsync(messageId, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception error)   // a store may be anybody's
        {
            log.Debug("The life of {0} could not be read: {1}", messageId, error.Message);
            return null;
        }
    }

    /// <summary>Where to note what an order does; null where that is not kept, or is no step of its own.</summary>
    public LifeNotes? NotesOf(MoveKind kind) => (parts.Lives, kind) switch
    {
        (null, _) or (_, MoveKind.RunNow) => null,   // what runs now is seen to run
        var (store, _) => new LifeNotes(store, kind is MoveKind.Requeue ? LifeState.Requeued : LifeState.Deleted, parts.NodeName, parts.Time, log),
    };
}
