using Dramatiq.Akka.Messages;
using StackExchange.Redis;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>Answers what queues hold, and moves or drops it.</summary>
internal sealed class RedisInspection(RedisParts parts)
{
    /// <summary>How many messages an order looks at for ids that are no keys.</summary>
    private const long OrderLooks = 100_000;

    /// <summary>How far consumers may have moved the head of a list since a page was read.</summary>
    private const long Drift = 2_000;

    /// <summary>Delayed messages for each script: each is searched for in the list.</summary>
    private const int PromoteSize = 50;

    public RedisPages Pages { get; } = new(parts);

    public async ValueTask<QueueStats> GetStatsAsync(string queue, CancellationToken cancellationToken)
    {
        var keys = parts.Keys;
        var sizes = parts.Link.AskAsync(database => Task.WhenAll(
            database.ListLengthAsync(keys.Ids(queue)),
            database.HashLengthAsync(keys.Bodies(QueueName.Delay(queue))),
            database.HashLengthAsync(keys.Bodies(queue)),
            database.SortedSetLengthAsync(keys.Ids(QueueName.Dead(queue))))).AsTask().WaitAsync(cancellationToken);
        var first = await Pages.ReadAsync(queue, 0, 1, cancellationToken).ConfigureAwait(false);
        var (ready, delayed, all, dead) = await sizes.ConfigureAwait(false) is [var a, var b, var c, var d] ? (a, b, c, d) : default;
        return new QueueStats(queue, ready, delayed, Math.Max(0, all - ready), dead, first is [{ Body: var body }] ? MessageIds.MadeAt(body) : null);
    }

    /// <summary>Null ids are all. A letter is moved by whoever removes it, so two who ask move it once.</summary>
    public async ValueTask<MessagesMoved> RequeueDeadLettersAsync(string queue, IReadOnlyCollection<string>? ids, CancellationToken cancellationToken)
    {
        var keys = parts.Keys;
        var dead = QueueName.Dead(queue);
        return await ForEachAsync(dead, ids, async (messages, _) =>
        {
            var args = new List<RedisValue>(3 * messages.Count);
            foreach (var one in messages)
                if (Revived(one.Body, queue) is var (id, body)) args.AddRange([one.Key, id, body]);
            return args.Count == 0 ? 0 : (long)await parts.Link.RunAsync(
                RedisScript.Revive, [keys.Ids(dead), keys.Bodies(dead), keys.Ids(queue), keys.Bodies(queue)], [.. args]).ConfigureAwait(false);
        }, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<MessagesMoved> DeleteAsync(string queue, IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        ForEachAsync(queue, ids, async (messages, offset) =>
        {
            var first = Math.Max(0, offset - Drift);
            RedisValue[] args = [QueueName.IsDead(queue) ? "ZSET" : "LIST", first, offset + RedisPages.Size, .. messages.Select(static one => one.Key)];
            return (long)await parts.Link.RunAsync(RedisScript.Drop, [parts.Keys.Ids(queue), parts.Keys.Bodies(queue), Aside(queue)], args).ConfigureAwait(false);
        }, cancellationToken);

    public ValueTask<MessagesMoved> RunDelayedNowAsync(string queue, IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        var keys = parts.Keys;
        var (delay, dead) = (QueueName.Delay(queue), QueueName.Dead(queue));
        RedisKey[] touched = [keys.Ids(delay), keys.Bodies(delay), keys.Etas(delay), keys.Ids(queue), keys.Bodies(queue), keys.Ids(dead), keys.Bodies(dead)];
        return ForEachAsync(delay, ids, async (messages, _) =>
        {
            var moved = 0L;
            foreach (var some in messages.Chunk(PromoteSize))
            {
                var args = new List<RedisValue>(4 * some.Length);
                foreach (var one in some)
                    if (DelayedMessage.Promoted(one.Body, queue) is (DelayedMessage.Run, var id, var body)) args.AddRange([DelayedMessage.Run, one.Key, id, body]);
                if (args.Count > 0) moved += (long)await parts.Link.RunAsync(RedisScript.Promote, touched, [.. args]).ConfigureAwait(false);
            }

            return moved;
        }, cancellationToken);
    }

    public async ValueTask<long> PurgeAsync(string queue, CancellationToken cancellationToken)
    {
        for (var purged = 0L; ;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var some = (long)await parts.Link.RunAsync(
                RedisScript.Purge, [parts.Keys.Ids(queue), parts.Keys.Bodies(queue), Aside(queue)], [QueueName.IsDead(queue) ? "ZPOPMIN" : "LPOP"]).ConfigureAwait(false);
            if (some == 0) return purged;
            purged += some;
        }
    }

    private RedisKey Aside(string queue) => QueueName.IsDelay(queue) ? parts.Keys.Etas(queue) : parts.Keys.Deliveries(queue);

    /// <summary>Does it to the messages that the ids name, or to all: those first that are named by key, then those that are found by looking through the queue.</summary>
    private async ValueTask<MessagesMoved> ForEachAsync(
        string queue, IReadOnlyCollection<string>? ids, Func<IReadOnlyList<PeekedMessage>, long, ValueTask<long>> move, CancellationToken cancellationToken)
    {
        var moved = 0L;
        MessageIds? left = null;
        if (ids is not null)
        {
            var known = await Pages.LookUpAsync(queue, ids, cancellationToken).ConfigureAwait(false);
            foreach (var some in known.Chunk(RedisPages.Size)) moved += await move(some, 0).ConfigureAwait(false);
            left = new MessageIds([.. ids.Except(known.Select(static one => one.Key))]);
            if (left.Count == 0) return new MessagesMoved(moved);
        }

        for (var (offset, lookedAt) = (0L, 0L); ids is null || lookedAt < OrderLooks;)
        {
            var page = await Pages.ReadAsync(queue, offset, RedisPages.Size, cancellationToken).ConfigureAwait(false);
            var named = page.Where(one => one.Body.Length > 0 && (left is null ? MessageIds.IdOf(one.Body) is not null : left.Has("", one.Body))).ToArray();
            if (named.Length > 0) moved += await move(named, offset).ConfigureAwait(false);
            lookedAt += page.Count;
            offset += page.Count - named.Length;   // who was named is gone now, by this hand or by another's
            if (page.Count < RedisPages.Size) return new MessagesMoved(moved);
        }

        return new MessagesMoved(moved, IsComplete: false);
    }

    private static (RedisValue Id, RedisValue Body)? Revived(ReadOnlyMemory<byte> body, string queue)
    {
        if (MessageIds.TryDecode(body) is not { } message) return null;
        var id = Guid.NewGuid().ToString();
        var revived = MessageIds.Revived(message, queue);
        return (id, revived.With(options: revived.Options.With(OptionNames.RedisMessageId, id)).Encode());
    }
}
