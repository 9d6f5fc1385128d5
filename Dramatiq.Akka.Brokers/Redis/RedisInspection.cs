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

    /// <summary>Delayed messages for each script, of those that are searched for in the list one by one.</summary>
    private const int PromoteSize = 50;

    private const int MostPasses = 3;

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

    /// <summary>A message is moved by whoever takes it out, so two who ask move it once.</summary>
    public async ValueTask<MessagesMoved> MoveAsync(string queue, MoveRequest request, CancellationToken cancellationToken)
    {
        var (moved, left) = (0L, (MessageIds?)null);
        if (request.Ids is { } ids)
        {
            var known = await Pages.LookUpAsync(queue, ids, cancellationToken).ConfigureAwait(false);
            foreach (var some in known.Where(request.Means).Chunk(RedisPages.Size)) moved += await MoveAsync(queue, request, some, null).ConfigureAwait(false);
            left = new MessageIds([.. ids.Except(known.Select(static one => one.Key))]);
            if (left.Count == 0) return new MessagesMoved(moved);
        }

        for (var pass = 1; ; pass++)
        {
            var (some, isEnd, isContended) = await PassAsync(queue, request, left, cancellationToken).ConfigureAwait(false);
            moved += some;
            // What somebody else took meanwhile let others move up past this one's place: it looks once more.
            if (!isEnd || !isContended || pass == MostPasses) return new MessagesMoved(moved, isEnd);
        }
    }

    /// <summary>Looks through the queue once. What is named by ids is looked for as far as an order may.</summary>
    private async Task<(long Moved, bool IsEnd, bool IsContended)> PassAsync(string queue, MoveRequest request, MessageIds? ids, CancellationToken cancellationToken)
    {
        var (moved, isContended) = (0L, false);
        for (var (offset, lookedAt) = (0L, 0L); ids is null || lookedAt < OrderLooks;)
        {
            var page = await Pages.ReadAsync(queue, offset, RedisPages.Size, cancellationToken).ConfigureAwait(false);
            var named = page.Where(one => one.Body.Length > 0 && ids?.Has("", one.Body) != false && request.Means(one)).ToArray();
            if (named.Length > 0)
            {
                var some = await MoveAsync(queue, request, named, offset).ConfigureAwait(false);
                moved += some;
                isContended |= some < named.Length;
            }

            lookedAt += page.Count;
            offset += page.Count - named.Length;   // who was named is gone now, by this hand or by another's
            if (page.Count < RedisPages.Size) return (moved, true, isContended);
        }

        return (moved, false, isContended);
    }

    /// <param name="queue">The queue as on the wire.</param>
    /// <param name="request">What becomes of them.</param>
    /// <param name="messages">Of one page.</param>
    /// <param name="offset">Where in the list the page began; null when they were found by their keys, and each has to be searched for.</param>
    private async Task<long> MoveAsync(string queue, MoveRequest request, PeekedMessage[] messages, long? offset)
    {
        // A script for each keeps others waiting no longer than for a page.
        var (first, last) = offset is { } began ? (Math.Max(0, began - Drift), began + RedisPages.Size + Drift) : (-1, -1);
        var moved = new HashSet<string>(StringComparer.Ordinal);
        foreach (var some in messages.Chunk(request.Kind is MoveKind.RunNow && offset is null ? PromoteSize : RedisPages.Size))
        {
            var ids = request.Kind switch
            {
                MoveKind.Requeue => await ReviveAsync(queue, some).ConfigureAwait(false),
                MoveKind.Delete => await DropAsync(queue, some, first, last).ConfigureAwait(false),
                _ => await PromoteAsync(queue, some, first, last).ConfigureAwait(false),
            };
            foreach (var id in (RedisValue[])ids!) moved.Add(id.ToString());
        }

        request.Tell(messages.Where(one => moved.Contains(one.Key)));
        return moved.Count;
    }

    private async Task<RedisResult> ReviveAsync(string dead, PeekedMessage[] messages)
    {
        var (keys, queue) = (parts.Keys, QueueName.Canonical(dead));
        var args = new List<RedisValue>(3 * messages.Length);
        foreach (var one in messages)
            if (Revived(one.Body, queue) is var (id, body)) args.AddRange([one.Key, id, body]);
        return await parts.Link.RunAsync(RedisScript.Revive, [keys.Ids(dead), keys.Bodies(dead), keys.Ids(queue), keys.Bodies(queue)], [.. args]).ConfigureAwait(false);
    }

    private async Task<RedisResult> DropAsync(string queue, PeekedMessage[] messages, long first, long last)
    {
        RedisValue[] args = [QueueName.IsDead(queue) ? "ZSET" : "LIST", first, last, .. messages.Select(static one => one.Key)];
        return await parts.Link.RunAsync(RedisScript.Drop, [parts.Keys.Ids(queue), parts.Keys.Bodies(queue), Aside(queue)], args).ConfigureAwait(false);
    }

    private async Task<RedisResult> PromoteAsync(string delay, PeekedMessage[] messages, long first, long last)
    {
        var (keys, queue) = (parts.Keys, QueueName.Canonical(delay));
        var dead = QueueName.Dead(queue);
        var args = new List<RedisValue>(2 + (4 * messages.Length)) { first, last };
        foreach (var one in messages)
            if (DelayedMessage.Promoted(one.Body, queue) is (DelayedMessage.Run, var id, var body)) args.AddRange([DelayedMessage.Run, one.Key, id, body]);
        return await parts.Link.RunAsync(
            RedisScript.Promote, [keys.Ids(delay), keys.Bodies(delay), keys.Etas(delay), keys.Ids(queue), keys.Bodies(queue), keys.Ids(dead), keys.Bodies(dead)], [.. args]).ConfigureAwait(false);
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

    private static (RedisValue Id, RedisValue Body)? Revived(ReadOnlyMemory<byte> body, string queue)
    {
        if (MessageIds.TryDecode(body) is not { } message) return null;
        var id = Guid.NewGuid().ToString();
        var revived = MessageIds.Revived(message, queue);
        return (id, revived.With(options: revived.Options.With(OptionNames.RedisMessageId, id)).Encode());
    }
}
