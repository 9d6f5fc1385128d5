using Akka.Event;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Inspection;

/// <summary>Answers about the lives of messages, and notes what operators do to them.</summary>
internal sealed class LifeAnswers(InspectionParts parts, ILoggingAdapter log)
{
    /// <summary>For more ids in one order, history is not worth the looking.</summary>
    private const int MostNoted = 100;

    public async Task<MessageLife?> FindAsync(string messageId) => parts.Lives is { } store
        ? await store.FindAsync(messageId, CancellationToken.None).ConfigureAwait(false)
        : throw new InspectionException(InspectionFailure.NotConfigured, "The lives of messages are not kept. Set dramatiq.inspection.lives.store to memory or broker.");

    /// <summary>Null as well where they are not kept, or cannot be had now: the message itself can be shown without.</summary>
    public async Task<MessageLife?> TryFindAsync(string messageId)
    {
        if (parts.Lives is not { } store)
            return null;

        try
        {
            return await store.FindAsync(messageId, CancellationToken.None).ConfigureAwait(false);
        }
        catch (BrokerException error)
        {
            log.Debug("The life of {0} could not be read: {1}", messageId, error.Message);
            return null;
        }
    }

    /// <summary>Before it is done, so that what follows from it comes after.</summary>
    public async Task NoteAsync(IReadOnlyList<PeekedMessage> messages, LifeState? state)
    {
        if (parts.Lives is not { } store || state is not { } step)
            return;

        var now = parts.Time.GetUtcNow();
        var steps = messages.Select(message => MessageIds.TryDecode(message.Body)).OfType<Message>()
            .Select(message => new LifeStep(message.MessageId, QueueName.Canonical(message.QueueName), message.ActorName, step, now,
                step is LifeState.Requeued ? 1 : LifeRecording.AttemptOf(message), parts.NodeName, null, "by an operator")).ToArray();
        try
        {
            await store.WriteAsync(steps, CancellationToken.None).ConfigureAwait(false);
        }
        catch (BrokerException error)
        {
            log.Warning("The lives of {0} messages lack a step, since it could not be written: {1}", steps.Length, error.Message);
        }
    }

    public async Task NoteAsync(IInspectsQueues broker, string queue, IReadOnlyList<string> ids, LifeState? state)
    {
        if (parts.Lives is null || state is null || ids.Count > MostNoted)
            return;

        var found = new List<PeekedMessage>(ids.Count);
        foreach (var id in ids)
            found.AddRange((await broker.FindAsync(queue, id, CancellationToken.None).ConfigureAwait(false)).Messages);
        await NoteAsync(found, state).ConfigureAwait(false);
    }
}
