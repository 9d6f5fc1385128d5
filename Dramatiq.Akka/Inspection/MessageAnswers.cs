using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Inspection;

/// <summary>Answers about messages: a page of a queue, one message, or how many there are of a kind.</summary>
internal sealed class MessageAnswers(InspectionParts parts, LocalLook look, QueueAnswers queues, LifeAnswers lives)
{
    private const int MostCount = 1_000;
    private const int MostLookedAt = 100_000;

    /// <summary>For a count with a filter: how many messages are looked at in one go.</summary>
    private const int CountPage = 1_000;

    private const int MostCounted = 1_000_000;
    private static readonly MessagePlace[] AllPlaces = [MessagePlace.InHand, MessagePlace.Ready, MessagePlace.Delayed, MessagePlace.Dead];

    public async Task<MessagePage> PageAsync(GetMessages question)
    {
        if (question.Offset < 0 || question.Count is < 1 or > MostCount || question.LookAtMost is < 1 or > MostLookedAt || question.LookFor < TimeSpan.Zero)
            throw new InspectionException(InspectionFailure.Invalid,
                $"Offset must be 0 or more, Count 1 to {MostCount}, LookAtMost 1 to {MostLookedAt}, LookFor 0 or more; was {question.Offset}, {question.Count}, {question.LookAtMost}, {question.LookFor?.ToString() ?? "none"}.");

        MessageMatch.Check(question.Filter);
        await queues.RequireAsync(question.Queue).ConfigureAwait(false);
        var page = question.Place is MessagePlace.InHand
            ? InHandPage(await InHandAsync(question.Queue).ConfigureAwait(false), question)
            : await Inspected.PeekAsync(WireName(question.Queue, question.Place), RequestOf(question), CancellationToken.None).ConfigureAwait(false);
        // A broker that stopped before it had looked at what it was to look at can look no further.
        var stuck = !page.IsComplete && page.LookedAt == 0;
        return new MessagePage(
            [.. page.Messages.Select(MessageReading.Summary)], page.LookedAt, page.IsComplete, page.IsComplete || stuck ? null : question.Offset + page.LookedAt);
    }

    public async Task<MessageAnswer> OneAsync(GetMessage question)
    {
        if (question.Queue is { } one)
            await queues.RequireAsync(one).ConfigureAwait(false);

        var life = await lives.TryFindAsync(question.Id).ConfigureAwait(false);
        MessagePlace[] places = question.Place is { } place ? [place] : AllPlaces;
        var (lookedAt, isComplete) = (0L, true);
        foreach (var queue in question.Queue is { } named ? [named] : await SearchedAsync(life).ConfigureAwait(false))
        {
            foreach (var where in places)
            {
                if (where is MessagePlace.InHand)
                {
                    if (await FindInHandAsync(queue, question.Id).ConfigureAwait(false) is { } held)
                        return new MessageAnswer(held, life ?? await LifeOfAsync(held).ConfigureAwait(false), lookedAt + 1, true);
                    continue;
                }

                if (parts.Broker is not IInspectsQueues inspected)
                {
                    isComplete = false;
                    continue;
                }

                var found = await inspected.FindAsync(WireName(queue, where), question.Id, CancellationToken.None).ConfigureAwait(false);
                lookedAt += found.LookedAt;
                isComplete &= found.IsComplete;
                if (found.Messages is [var message])
                {
                    var detail = MessageReading.Detail(queue, where, message);
                    return new MessageAnswer(detail, life ?? await LifeOfAsync(detail).ConfigureAwait(false), lookedAt, true);
                }
            }
        }

        return new MessageAnswer(null, life, lookedAt, isComplete);
    }

    public async Task<MessageCount> CountAsync(CountMessages question)
    {
        var asOf = parts.Time.GetUtcNow();
        MessageMatch.Check(question.Filter);
        await queues.RequireAsync(question.Queue).ConfigureAwait(false);
        if (question.Place is MessagePlace.InHand)
        {
            var held = await InHandAsync(question.Queue).ConfigureAwait(false);
            return new MessageCount(MessageMatch.IsOpen(question.Filter) ? held.Count : held.Count(one => new MessageMatch(question.Filter!).Matches(one.Work.Message)), held.Count, true, asOf);
        }

        if (MessageMatch.IsOpen(question.Filter))
        {
            var stats = await Inspected.GetStatsAsync(question.Queue, CancellationToken.None).ConfigureAwait(false);
            var count = question.Place switch { MessagePlace.Ready => stats.Ready, MessagePlace.Delayed => stats.Delayed, _ => stats.Dead };
            if (count is { } told)
                return new MessageCount(told, told, true, asOf);
        }

        var match = new MessageMatch(question.Filter ?? new MessageFilter());
        var (matching, lookedAt) = (0L, 0L);
        while (lookedAt < MostCounted)
        {
            var page = await Inspected.PeekAsync(WireName(question.Queue, question.Place), new PeekRequest(lookedAt, CountPage) { LookAtMost = CountPage, Matches = match.Matches }, CancellationToken.None).ConfigureAwait(false);
            (matching, lookedAt) = (matching + page.Messages.Count, lookedAt + page.LookedAt);
            if (page.IsComplete || page.LookedAt == 0)
                return new MessageCount(matching, lookedAt, page.IsComplete, asOf);
        }

        return new MessageCount(matching, lookedAt, IsComplete: false, asOf);
    }

    public static string WireName(string queue, MessagePlace place) => place switch
    {
        MessagePlace.Ready => queue,
        MessagePlace.Delayed => QueueName.Delay(queue),
        MessagePlace.Dead => QueueName.Dead(queue),
        _ => throw new InspectionException(InspectionFailure.Invalid, "What is in hand cannot be given such an order: it is being worked on. Pause the queue, or wait."),
    };

    private IInspectsQueues Inspected => parts.Broker as IInspectsQueues
        ?? throw new InspectionException(InspectionFailure.NotSupported, $"The broker '{parts.Broker.Name}' does not tell what its queues hold.");

    private static PeekRequest RequestOf(GetMessages question) => MessageMatch.IsOpen(question.Filter)
        ? new PeekRequest(question.Offset, question.Count)
        : new PeekRequest(question.Offset, question.Count) { LookAtMost = question.LookAtMost, LookFor = question.LookFor, Matches = new MessageMatch(question.Filter!).Matches };

    /// <summary>The queue that the life names first, then the others.</summary>
    private async Task<IEnumerable<string>> SearchedAsync(MessageLife? life)
    {
        var known = new SortedSet<string>(parts.Declarations.Queues, StringComparer.Ordinal);
        if (parts.Broker is IInspectsQueues inspected)
            known.UnionWith(await inspected.GetQueuesAsync(CancellationToken.None).ConfigureAwait(false));
        return life is not null && known.Contains(life.Queue) ? known.OrderBy(queue => queue == life.Queue ? 0 : 1) : known;
    }

    private Task<MessageLife?> LifeOfAsync(MessageDetail detail) => detail.Summary.MessageId is { } id ? lives.TryFindAsync(id) : Task.FromResult<MessageLife?>(null);

    private async Task<List<(Work Work, WorkerReport? Worker)>> InHandAsync(string queue)
    {
        var sight = await look.LookAsync(queue, int.MaxValue).ConfigureAwait(false);
        if (!sight.Queues.TryGetValue(queue, out var here) || here.Pool is not { } pool)
            return [];

        return [.. pool.Running.Select(one => (one.Work, (WorkerReport?)QueueAnswers.ReportOf(one, parts.Time))), .. pool.Waiting.Select(static work => (work, (WorkerReport?)null))];
    }

    private static PeekedPage InHandPage(List<(Work Work, WorkerReport? Worker)> held, GetMessages question)
    {
        var match = new MessageMatch(question.Filter ?? new MessageFilter());
        var behind = held.Skip((int)Math.Min(question.Offset, int.MaxValue)).ToArray();
        var page = new List<PeekedMessage>();
        for (var lookedAt = 0; lookedAt < behind.Length; lookedAt++)
        {
            if (page.Count == question.Count)
                return new PeekedPage(page, lookedAt, IsComplete: false);
            if (match.Matches(behind[lookedAt].Work.Message))
                page.Add(PeekedOf(behind[lookedAt].Work));
        }

        return new PeekedPage(page, behind.Length, IsComplete: true);
    }

    private async Task<MessageDetail?> FindInHandAsync(string queue, string id)
    {
        foreach (var (work, worker) in await InHandAsync(queue).ConfigureAwait(false))
            if (work.Message.MessageId == id)
                return MessageReading.Detail(queue, MessagePlace.InHand, PeekedOf(work), worker);
        return null;
    }

    private static PeekedMessage PeekedOf(Work work) => new(work.Message.MessageId, work.Delivery.Body);
}
