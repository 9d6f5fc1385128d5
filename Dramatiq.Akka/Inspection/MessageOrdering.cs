using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Inspection;

/// <summary>Carries out orders about messages. What a filter names is found and moved page by page, so that the broker serves others in between.</summary>
internal sealed class MessageOrdering(InspectionParts parts, LocalLook look, QueueAnswers queues, LifeAnswers lives)
{
    private const int Page = 1_000;
    private const int MostIds = 10_000;
    private const int MostPasses = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public async Task<MessagesAnswer> RequeueAsync(RequeueDead order)
    {
        await CheckAsync(order.Queue, order.Ids, order.Filter).ConfigureAwait(false);
        return await MoveAsync(order.Queue, MessagePlace.Dead, order.Ids, order.Filter, LifeState.Requeued,
            ids => Inspected.RequeueDeadLettersAsync(order.Queue, ids, CancellationToken.None)).ConfigureAwait(false);
    }

    public async Task<MessagesAnswer> DeleteAsync(DeleteMessages order)
    {
        var wireName = MessageAnswers.WireName(order.Queue, order.Place);
        await CheckAsync(order.Queue, order.Ids, order.Filter).ConfigureAwait(false);
        if (order.Ids is null && MessageMatch.IsOpen(order.Filter))
            return await PurgeAsync(new PurgeQueue(order.Queue, order.Place)).ConfigureAwait(false);

        return await MoveAsync(order.Queue, order.Place, order.Ids, order.Filter, LifeState.Deleted,
            ids => order.Place is MessagePlace.Delayed
                ? WithThoseInHandAsync(order.Queue, ids, publishes: false, left => Inspected.DeleteAsync(wireName, left, CancellationToken.None))
                : Inspected.DeleteAsync(wireName, ids, CancellationToken.None)).ConfigureAwait(false);
    }

    public async Task<MessagesAnswer> RunNowAsync(RunNow order)
    {
        await CheckAsync(order.Queue, order.Ids, order.Filter).ConfigureAwait(false);
        return await MoveAsync(order.Queue, MessagePlace.Delayed, order.Ids, order.Filter, null,
            ids => WithThoseInHandAsync(order.Queue, ids, publishes: true, left => Inspected.RunDelayedNowAsync(order.Queue, left, CancellationToken.None))).ConfigureAwait(false);
    }

    public async Task<MessagesAnswer> PurgeAsync(PurgeQueue order)
    {
        var wireName = MessageAnswers.WireName(order.Queue, order.Place);
        await queues.RequireAsync(order.Queue).ConfigureAwait(false);
        var purged = await Inspected.PurgeAsync(wireName, CancellationToken.None).ConfigureAwait(false);
        if (order.Place is MessagePlace.Delayed)
            purged += await TakeFromBufferAsync(order.Queue, null, publishes: false).ConfigureAwait(false);
        return new MessagesAnswer(purged, true);
    }

    public async Task<MessageEnqueued> EnqueueAsync(EnqueueMessage order)
    {
        if (order.DelayMs < 0)
            throw new InspectionException(InspectionFailure.Invalid, $"DelayMs must be 0 or more, was {order.DelayMs}.");

        var call = new ActorCall(order.ActorName) { Queue = order.Queue, JsonArgs = new JsonText(order.Args), Kwargs = NamedOf(order.Kwargs) };
        var enqueued = await parts.Queue.EnqueueAsync(new Enqueue(call)
        {
            Options = MessageOptions.Decode(System.Text.Encoding.UTF8.GetBytes(order.Options)),
            Delay = order.DelayMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null,
        }).ConfigureAwait(false);
        return new MessageEnqueued(enqueued.MessageId, enqueued.Queue, enqueued.ActorName);
    }

    private IInspectsQueues Inspected => parts.Broker as IInspectsQueues
        ?? throw new InspectionException(InspectionFailure.NotSupported, $"The broker '{parts.Broker.Name}' does not move or drop what its queues hold.");

    private async Task CheckAsync(string queue, IReadOnlyList<string>? ids, MessageFilter? filter)
    {
        if (ids is null == filter is null)
            throw new InspectionException(InspectionFailure.Invalid, "Give ids or a filter, and not both. A filter that asks for nothing takes every message.");
        if (ids?.Count > MostIds)
            throw new InspectionException(InspectionFailure.Invalid, $"At most {MostIds} ids can be given at once, and were {ids.Count}. Use a filter.");

        await queues.RequireAsync(queue).ConfigureAwait(false);
    }

    private async Task<MessagesAnswer> MoveAsync(
        string queue, MessagePlace place, IReadOnlyList<string>? ids, MessageFilter? filter, LifeState? step, Func<IReadOnlyCollection<string>, ValueTask<MessagesMoved>> move)
    {
        var wireName = MessageAnswers.WireName(queue, place);
        if (ids is not null)
        {
            await lives.NoteAsync(Inspected, wireName, ids, step).ConfigureAwait(false);
            var named = await move(ids).ConfigureAwait(false);
            return new MessagesAnswer(named.Count, named.IsComplete);
        }

        // What dies again while this goes on is not taken again.
        var match = new MessageMatch(place is MessagePlace.Dead ? filter! with { DiedUntil = filter.DiedUntil ?? parts.Time.GetUtcNow() } : filter!);
        var (moved, offset, passes, isContended) = (0L, 0L, 1, false);
        while (true)
        {
            var page = await Inspected.PeekAsync(wireName, new PeekRequest(offset, Page) { LookAtMost = Page, Matches = match.Matches }, CancellationToken.None).ConfigureAwait(false);
            var some = new MessagesMoved(0);
            if (page.Messages.Count > 0)
            {
                await lives.NoteAsync(page.Messages, step).ConfigureAwait(false);
                some = await move([.. page.Messages.Select(static message => message.Key)]).ConfigureAwait(false);
            }

            moved += some.Count;
            offset = Math.Max(0, offset + page.LookedAt - some.Count);
            isContended |= some.Count < page.Messages.Count;
            if (!page.IsComplete && page.LookedAt > 0)
                continue;

            // What somebody else took meanwhile let others move up past this one's place: it looks once more.
            if (!isContended || passes++ == MostPasses)
                return new MessagesAnswer(moved, page.IsComplete);
            (offset, isContended) = (0, false);
        }
    }

    /// <summary>Delayed messages may be in the hands of this process's delay buffer, where the broker cannot get at them; it knows them by <c>message_id</c>.</summary>
    private async ValueTask<MessagesMoved> WithThoseInHandAsync(
        string queue, IReadOnlyCollection<string> ids, bool publishes, Func<IReadOnlyCollection<string>, ValueTask<MessagesMoved>> move)
    {
        if (parts.Broker is IDelaysNatively)
            return await move(ids).ConfigureAwait(false);

        var messageIds = new List<string>(ids.Count);
        foreach (var id in ids)
            messageIds.Add((await Inspected.FindAsync(QueueName.Delay(queue), id, CancellationToken.None).ConfigureAwait(false)).Messages is [var found] ? MessageIds.IdOf(found.Body) ?? id : id);

        var moved = await move(ids).ConfigureAwait(false);
        return moved.Count == ids.Count ? moved : moved with { Count = moved.Count + await TakeFromBufferAsync(queue, messageIds, publishes).ConfigureAwait(false) };
    }

    private async Task<long> TakeFromBufferAsync(string queue, IReadOnlyCollection<string>? messageIds, bool publishes)
    {
        var sight = await look.LookAsync(queue).ConfigureAwait(false);
        if (parts.Broker is IDelaysNatively || !sight.Queues.TryGetValue(queue, out var here))
            return 0;

        var order = new DelayBuffer.TakeOut(messageIds?.ToHashSet(StringComparer.Ordinal), publishes);
        var taken = await Task.WhenAll(new[] { here.Consumer, here.DelayConsumer }.OfType<IActorRef>()
            .Select(consumer => consumer.Ask<DelayBuffer.TakenOut>(order, Patience))).ConfigureAwait(false);
        return taken.Sum(static one => (long)one.Count);
    }

    private static Dictionary<string, object?> NamedOf(string kwargs)
    {
        var named = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, raw) in MessageOptions.Decode(System.Text.Encoding.UTF8.GetBytes(kwargs)))
            named[name] = new JsonText(raw.Span);
        return named;
    }
}
