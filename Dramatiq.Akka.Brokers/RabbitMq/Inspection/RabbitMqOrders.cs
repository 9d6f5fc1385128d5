using Dramatiq.Akka.Brokers.RabbitMq.Delays;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Brokers.RabbitMq.Inspection;

/// <summary>Moves or drops what waits. A message is held while that is done, so that nobody else can do it too, and goes back by itself if this process dies meanwhile.</summary>
/// <param name="looks">How it looks.</param>
/// <param name="inspection">Knows what consumers hold.</param>
/// <param name="publish">Publishes, and completes when all is confirmed.</param>
/// <param name="settings">How far it looks.</param>
internal sealed class RabbitMqOrders(
    Looks looks, RabbitMqInspection inspection, Func<IReadOnlyList<Publication>, CancellationToken, ValueTask<PublishOutcome>> publish, RabbitMqSettings settings)
{
    /// <summary>Messages that are published and acked together.</summary>
    private const int PageSize = 500;

    /// <summary>Looks through a queue, and through the ladder if it is a delay queue. Without ids it ends with what was there at the start: what dies again meanwhile is left for the next time.</summary>
    public async ValueTask<MessagesMoved> MoveAsync(string queue, MoveRequest request, CancellationToken cancellationToken)
    {
        var canonical = QueueName.Canonical(queue);
        await looks.CheckAsync(request.Kind is MoveKind.Delete ? queue : canonical, cancellationToken).ConfigureAwait(false);
        var order = new Order(request, canonical);
        long most = request.Ids is not null ? long.MaxValue : await looks.AskAsync(queue, channel => channel.MessageCountAsync(queue, cancellationToken), cancellationToken).ConfigureAwait(false);
        var isEnd = await RunAsync(order, queue, owner: null, most, cancellationToken).ConfigureAwait(false);
        if (QueueName.IsDelay(queue) && !order.IsDone)
        {
            isEnd &= await ThroughLadderAsync(order, canonical, cancellationToken).ConfigureAwait(false);
            // What consumers hold until its eta was not seen. Nor was, of those that are named, what has just fallen to a level that was looked at before.
            isEnd &= request.Ids is null && await inspection.HeldAsync(queue, cancellationToken).ConfigureAwait(false) == 0;
        }

        return new MessagesMoved(order.Moved, isEnd || order.IsDone);
    }

    public async ValueTask<long> PurgeAsync(string queue, CancellationToken cancellationToken)
    {
        await looks.CheckAsync(queue, cancellationToken).ConfigureAwait(false);
        var purged = (long)await looks.AskAsync(queue, channel => channel.QueuePurgeAsync(queue, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (!QueueName.IsDelay(queue))
            return purged;

        var order = new Order(new MoveRequest(MoveKind.Delete), QueueName.Canonical(queue));
        await ThroughLadderAsync(order, QueueName.Canonical(queue), cancellationToken).ConfigureAwait(false);
        return purged + order.Moved;
    }

    /// <summary>Whether it saw the end of each level.</summary>
    private async Task<bool> ThroughLadderAsync(Order order, string owner, CancellationToken cancellationToken)
    {
        var isEnd = true;
        foreach (var (level, count) in await looks.LevelsInUseAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!order.IsDone)
                isEnd &= await RunAsync(order, level, owner, count, cancellationToken).ConfigureAwait(false);
        }

        return isEnd;
    }

    /// <summary>Takes messages until it holds as many as an order may, has seen so many as there were, or the order is done. What is named is published as changed, if it can be, and then acked.</summary>
    /// <returns>Whether it saw all there were.</returns>
    private Task<bool> RunAsync(Order order, string queue, string? owner, long most, CancellationToken cancellationToken) => looks.AtAsync(queue, async head =>
    {
        var page = new List<(ulong Tag, PeekedMessage Was, Message? Message)>();
        for (var left = most; left > 0 && !order.IsDone;)
        {
            // Bounded is what is held, since that is hidden from consumers meanwhile: what was moved is gone.
            var mayHold = settings.OrderLooks - head.HeldCount;
            if (mayHold <= 0)
                return false;

            var (isEnd, taken) = await head.TakeAsync(Math.Min(Math.Min(left, mayHold), PageSize), Visit, () => order.IsDone, cancellationToken).ConfigureAwait(false);
            left -= taken;
            await SettleAsync(head, page, order, cancellationToken).ConfigureAwait(false);
            page.Clear();
            if (isEnd)
                return true;
        }

        return !order.IsDone;

        void Visit(LookedAt looked)
        {
            if ((owner is not null && !DelayLadder.IsFor(looked.RoutingKey, owner)) || !order.Names(looked))
                return;

            if (order.Kind is MoveKind.Delete)
                page.Add((looked.Tag, looked.Kept, null));
            else if (looked.Kept is var kept && MessageIds.TryDecode(kept.Body) is { } message)
                page.Add((looked.Tag, kept, order.Changed(message)));
        }
    }, cancellationToken);

    /// <exception cref="BrokerException">Something was not confirmed; it stays where it is.</exception>
    private async Task SettleAsync(QueueHead head, List<(ulong Tag, PeekedMessage Was, Message? Message)> page, Order order, CancellationToken cancellationToken)
    {
        PublishOutcome? outcome = null;
        Publication[] publications = [.. page.Where(static one => one.Message is not null).Select(static one => new Publication(one.Message!, null))];
        if (publications.Length > 0)
            outcome = await publish(publications, cancellationToken).ConfigureAwait(false);

        Exception? failure = null;
        for (var i = 0; i < page.Count; i++)
        {
            if (outcome?[i] is { } refused)
            {
                failure ??= refused;
                continue;
            }

            await head.AckAsync(page[i].Tag).ConfigureAwait(false);
            order.Tell(page[i].Was);
        }

        if (failure is not null)
            throw failure as BrokerException ?? new BrokerException(failure.Message, failure);
    }

    /// <summary>What is to be done with which messages, and how far that is.</summary>
    private sealed class Order(MoveRequest request, string queue)
    {
        private readonly MessageIds? _ids = request.Ids is { } ids ? new MessageIds(ids) : null;
        private readonly HashSet<string> _missing = request.Ids is { } ids ? ids.ToHashSet(StringComparer.Ordinal) : [];
        private readonly bool _byKey = request.Ids?.Any(LookedAt.IsKey) == true;

        public MoveKind Kind => request.Kind;

        public long Moved { get; private set; }

        public bool IsDone => _ids is not null && _missing.Count == 0;

        public bool Names(LookedAt message)
        {
            if (request.Matches is { } matches && !matches(message.Peeked))
                return false;

            if (_ids is null)
                return true;

            var key = _byKey ? message.Key : "";
            if (!_ids.Has(key, message.Body))
                return false;

            if (!_missing.Remove(key) && MessageIds.IdOf(message.Body) is { } id)
                _missing.Remove(id);
            return true;
        }

        public Message Changed(Message message) => request.Kind is MoveKind.Requeue
            ? MessageIds.Revived(message, queue)
            : message.With(queueName: queue, options: message.Options.Without(OptionNames.Eta));

        public void Tell(PeekedMessage moved)
        {
            Moved++;
            request.Moved?.Invoke(moved);
        }
    }
}
