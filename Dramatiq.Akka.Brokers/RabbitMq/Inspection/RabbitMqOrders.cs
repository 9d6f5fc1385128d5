using Dramatiq.Akka.Brokers.RabbitMq.Delays;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Brokers.RabbitMq.Inspection;

/// <summary>Moves or drops what waits. A message is held while that is done, so that nobody else can do it too, and goes back by itself if this process dies meanwhile.</summary>
/// <param name="looks">How it looks.</param>
/// <param name="publish">Publishes, and completes when all is confirmed.</param>
/// <param name="settings">How far it looks.</param>
internal sealed class RabbitMqOrders(Looks looks, Func<IReadOnlyList<Publication>, CancellationToken, ValueTask<PublishOutcome>> publish, RabbitMqSettings settings)
{
    /// <summary>Messages that are published and acked together.</summary>
    private const int PageSize = 500;

    /// <summary>Null ids are all that were there at the start: what dies again meanwhile is left for the next time.</summary>
    public async ValueTask<MessagesMoved> RequeueDeadLettersAsync(string queue, IReadOnlyCollection<string>? ids, CancellationToken cancellationToken)
    {
        var canonical = QueueName.Canonical(queue);
        var dead = QueueName.Dead(canonical);
        await looks.CheckAsync(canonical, cancellationToken).ConfigureAwait(false);
        var order = new Order(ids);
        long most = ids is not null ? settings.OrderLooks : await looks.AskAsync(dead, channel => channel.MessageCountAsync(dead, cancellationToken), cancellationToken).ConfigureAwait(false);
        var isEnd = await RunAsync(order, dead, owner: null, most, message => MessageIds.Revived(message, canonical), cancellationToken).ConfigureAwait(false);
        return new MessagesMoved(order.Moved, isEnd || order.IsDone || ids is null);
    }

    public async ValueTask<MessagesMoved> DeleteAsync(string queue, IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        await looks.CheckAsync(queue, cancellationToken).ConfigureAwait(false);
        return await RunAsync(new Order(ids), queue, changed: null, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<MessagesMoved> RunDelayedNowAsync(string queue, IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        var canonical = QueueName.Canonical(queue);
        await looks.CheckAsync(canonical, cancellationToken).ConfigureAwait(false);
        return await RunAsync(
            new Order(ids), QueueName.Delay(canonical), message => message.With(queueName: canonical, options: message.Options.Without(OptionNames.Eta)), cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<long> PurgeAsync(string queue, CancellationToken cancellationToken)
    {
        await looks.CheckAsync(queue, cancellationToken).ConfigureAwait(false);
        var purged = (long)await looks.AskAsync(queue, channel => channel.QueuePurgeAsync(queue, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (!QueueName.IsDelay(queue))
            return purged;

        var order = new Order(ids: null);
        await ThroughLadderAsync(order, QueueName.Canonical(queue), changed: null, cancellationToken).ConfigureAwait(false);
        return purged + order.Moved;
    }

    /// <summary>Looks through a queue, and through the ladder if it is a delay queue.</summary>
    private async Task<MessagesMoved> RunAsync(Order order, string queue, Func<Message, Message>? changed, CancellationToken cancellationToken)
    {
        var isEnd = await RunAsync(order, queue, owner: null, settings.OrderLooks, changed, cancellationToken).ConfigureAwait(false);
        if (QueueName.IsDelay(queue) && !order.IsDone)
        {
            await ThroughLadderAsync(order, QueueName.Canonical(queue), changed, cancellationToken).ConfigureAwait(false);
            // What consumers hold until its eta, and what has just fallen to a level that was looked at before, was not seen.
            isEnd = false;
        }

        return new MessagesMoved(order.Moved, isEnd || order.IsDone);
    }

    private async Task ThroughLadderAsync(Order order, string owner, Func<Message, Message>? changed, CancellationToken cancellationToken)
    {
        foreach (var (level, _) in await looks.LevelsInUseAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!order.IsDone)
                await RunAsync(order, level, owner, settings.OrderLooks, changed, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Whether it saw the end. What is named is published as changed, if it can be, and then acked.</summary>
    private Task<bool> RunAsync(Order order, string queue, string? owner, long most, Func<Message, Message>? changed, CancellationToken cancellationToken) => looks.AtAsync(queue, async head =>
    {
        var page = new List<(ulong Tag, Message? Message)>();
        for (var left = most; left > 0 && !order.IsDone;)
        {
            var (isEnd, taken) = await head.TakeAsync(Math.Min(left, PageSize), Visit, () => order.IsDone, cancellationToken).ConfigureAwait(false);
            left -= taken;
            await SettleAsync(head, page, order, cancellationToken).ConfigureAwait(false);
            page.Clear();
            if (isEnd)
                return true;
        }

        return false;

        void Visit(LookedAt looked)
        {
            if ((owner is not null && !DelayLadder.IsFor(looked.RoutingKey, owner)) || !order.Names(looked))
                return;

            if (changed is null)
                page.Add((looked.Tag, null));
            else if (MessageIds.TryDecode(looked.Body.ToArray()) is { } message)
                page.Add((looked.Tag, changed(message)));
        }
    }, cancellationToken);

    /// <exception cref="BrokerException">Something was not confirmed; it stays where it is.</exception>
    private async Task SettleAsync(QueueHead head, List<(ulong Tag, Message? Message)> page, Order order, CancellationToken cancellationToken)
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
            order.Moved++;
        }

        if (failure is not null)
            throw failure as BrokerException ?? new BrokerException(failure.Message, failure);
    }

    /// <summary>What is to be done with which messages, and how far that is.</summary>
    private sealed class Order(IReadOnlyCollection<string>? ids)
    {
        private readonly MessageIds? _ids = ids is null ? null : new MessageIds(ids);
        private readonly HashSet<string> _missing = ids is null ? [] : ids.ToHashSet(StringComparer.Ordinal);
        private readonly bool _byKey = ids?.Any(LookedAt.IsKey) == true;

        public long Moved { get; set; }

        public bool IsDone => _ids is not null && _missing.Count == 0;

        public bool Names(LookedAt message)
        {
            if (_ids is null)
                return true;

            var key = _byKey ? message.Key : "";
            if (!_ids.Has(key, message.Body))
                return false;

            if (!_missing.Remove(key) && MessageIds.IdOf(message.Body) is { } id)
                _missing.Remove(id);
            return true;
        }
    }
}
