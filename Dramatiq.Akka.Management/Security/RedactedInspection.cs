using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Management.Security;

/// <summary>The inspection as others may see it: every error in its answers goes through <see cref="Redaction"/>, on its way to the API and to the pages alike.</summary>
internal sealed class RedactedInspection(IInspection inner) : IInspection
{
    public async Task<TAnswer> AskAsync<TAnswer>(IQuestion<TAnswer> question, CancellationToken cancellationToken = default)
    {
        try
        {
            return (TAnswer)Redacted(await inner.AskAsync(question, cancellationToken).ConfigureAwait(false)!);
        }
        catch (InspectionException refused) when (refused.Failure is not InspectionFailure.Internal)
        {
            throw new InspectionException(refused.Failure, Redaction.OfBroker(refused.Message)!, refused);
        }
    }

    private static object Redacted(object? answer) => answer switch
    {
        QueueList list => new QueueList([.. list.Queues.Select(Redacted)]),
        QueueReport queue => Redacted(queue),
        ConsumerList list => new ConsumerList([.. list.Consumers.Select(consumer => Redacted(consumer)!)]),
        MessagePage page => page with { Messages = [.. page.Messages.Select(Redacted)] },
        MessageAnswer found => found with { Message = Redacted(found.Message), Life = Redacted(found.Life) },
        LifeAnswer life => new LifeAnswer(Redacted(life.Life)),
        null => throw new InvalidOperationException("The inspection answered nothing."),
        var other => other,
    };

    private static QueueReport Redacted(QueueReport queue) => queue with
    {
        Problem = Redaction.OfBroker(queue.Problem),
        Consumer = Redacted(queue.Consumer),
        DelayConsumer = Redacted(queue.DelayConsumer),
    };

    private static ConsumerReport? Redacted(ConsumerReport? consumer) => consumer is null ? null : consumer with { LastProblem = Redaction.OfBroker(consumer.LastProblem) };

    private static MessageSummary Redacted(MessageSummary summary) => summary.Reason is null ? summary : summary with { Reason = Redaction.Of(summary.Reason) };

    private static MessageDetail? Redacted(MessageDetail? message) => message is null ? null : message with
    {
        Summary = Redacted(message.Summary),
        ErrorMessage = Redaction.Of(message.ErrorMessage),
        Traceback = Redaction.Of(message.Traceback),
        Problem = Redaction.Of(message.Problem),
        Options = message.Options.ToDictionary(
            static option => option.Key, static option => option.Key is "traceback" or "dead_letter" ? Redaction.Of(option.Value)! : option.Value, StringComparer.Ordinal),
    };

    private static MessageLife? Redacted(MessageLife? life) => life is null ? null : life with { Steps = [.. life.Steps.Select(static step => step with { Note = Redaction.Of(step.Note) })] };
}
