using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Inspection;

/// <summary>Carries out orders about messages. The broker itself looks for what a filter names, page by page, so that it serves others in between.</summary>
internal sealed class MessageOrdering(InspectionParts parts, LocalLook look, QueueAnswers queues, LifeAnswers lives)
{
    /// <summary>How many messages are read in one go.</summary>
    private const int Page = 1_000;

    private const int MostIds = 10_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public Task<MessagesAnswer> RequeueAsync(RequeueDead order) => MoveAsync(order.Queue, MessagePlace.Dead, MoveKind.Requeue, order.Ids, order.Filter);

    public async Task<MessagesAnswer> DeleteAsync(DeleteMessages order)
    {
        var isForAll = order.Ids is null && order.Filter is not null && MessageMatch.IsOpen(order.Filter);
        return await (isForAll ? PurgeAsync(new PurgeQueue(order.Queue, order.Place)) : MoveAsync(order.Queue, order.Place, MoveKind.Delete, order.Ids, order.Filter)).ConfigureAwait(false);
    }

    public Task<MessagesAnswer> RunNowAsync(RunNow order) => MoveAsync(order.Queue, MessagePlace.Delayed, MoveKind.RunNow, order.Ids, order.Filter);

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
        MessageMatch.Check(filter);
        if (ids?.Count > MostIds)
            throw new InspectionException(InspectionFailure.Invalid, $"At most {MostIds} ids can be given at once, and were {ids.Count}. Use a filter.");

        await queues.RequireAsync(queue).ConfigureAwait(false);
    }

    private async Task<MessagesAnswer> MoveAsync(string queue, MessagePlace place, MoveKind kind, IReadOnlyList<string>? ids, MessageFilter? filter)
    {
        var wireName = MessageAnswers.WireName(queue, place);
        await CheckAsync(queue, ids, filter).ConfigureAwait(false);
        // What dies again while this goes on is not taken again.
        var match = filter is null ? null : new MessageMatch(filter, place is MessagePlace.Dead ? parts.Time.GetUtcNow() : null);
        var notes = lives.NotesOf(kind);
        var request = new MoveRequest(kind) { Ids = ids, Matches = match is null ? null : match.Matches, Moved = notes is null ? null : notes.Add };
        try
        {
            var moved = await Inspected.MoveAsync(wireName, request, CancellationToken.None).ConfigureAwait(false);
            var isFound = moved.Count == ids?.Count;
            var taken = place is MessagePlace.Delayed && !isFound ? await TakeThoseInHandAsync(queue, wireName, request).ConfigureAwait(false) : 0;
            return new MessagesAnswer(moved.Count + taken, moved.IsComplete);
        }
        finally
        {
            if (notes is not null)
                await notes.WrittenAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Delayed messages may be in the hands of this process's delay buffer, where the broker cannot get at them; it knows them by <c>message_id</c>.</summary>
    private async Task<long> TakeThoseInHandAsync(string queue, string wireName, MoveRequest request)
    {
        if (parts.Broker is IDelaysNatively)
            return 0;

        var ids = request.Ids is { } named ? new MessageIds(named) : null;
        bool IsMeant(PeekedMessage message) => ids?.Has(message.Key, message.Body) != false && request.Matches?.Invoke(message) != false && MessageIds.IdOf(message.Body) is not null;
        var held = new List<PeekedMessage>();
        PeekedPage page;
        var offset = 0L;
        do
        {
            page = await Inspected.PeekAsync(wireName, new PeekRequest(offset, Page) { Matches = IsMeant }, CancellationToken.None).ConfigureAwait(false);
            held.AddRange(page.Messages);
            offset += page.LookedAt;
        }
        while (!page.IsComplete && page.LookedAt > 0);
        if (held.Count == 0)
            return 0;

        var taken = await TakeFromBufferAsync(queue, [.. held.Select(static message => MessageIds.IdOf(message.Body)!)], publishes: request.Kind is MoveKind.RunNow).ConfigureAwait(false);
        if (taken == held.Count)
            request.Tell(held);
        return taken;
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
