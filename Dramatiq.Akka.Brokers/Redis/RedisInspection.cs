using Dramatiq.Akka.Messages;
using StackExchange.Redis;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>Answers what queues hold, and moves or drops it: a page at a time, so that Redis serves others in between.</summary>
internal sealed class RedisInspection(RedisParts parts)
{
    private const int Page = 1_000;

    public async ValueTask<QueueStats> GetStatsAsync(string queue, CancellationToken cancellationToken)
    {
        var keys = parts.Keys;
        var sizes = await parts.Link.AskAsync(database => Task.WhenAll(
            database.ListLengthAsync(keys.Ids(queue)),
            database.HashLengthAsync(keys.Bodies(QueueName.Delay(queue))),
            database.HashLengthAsync(keys.Bodies(queue)),
            database.SortedSetLengthAsync(keys.Ids(QueueName.Dead(queue))))).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        return new QueueStats(queue, (int)sizes[0], (int)sizes[1], (int)Math.Max(0, sizes[2] - sizes[0]), (int)sizes[3]);
    }

    public async ValueTask<IReadOnlyList<ReadOnlyMemory<byte>>> PeekAsync(string queue, int offset, int count, CancellationToken cancellationToken)
    {
        var bodies = new List<ReadOnlyMemory<byte>>();
        while (count > 0)
        {
            var page = await PageAsync(queue, offset, Math.Min(count, Page)).WaitAsync(cancellationToken).ConfigureAwait(false);
            foreach (var (_, body) in page)
                if (!body.IsNull) bodies.Add((ReadOnlyMemory<byte>)body);
            if (page.Length < Math.Min(count, Page)) break;
            offset += page.Length;
            count -= page.Length;
        }

        return bodies;
    }

    public async ValueTask<int> RequeueDeadLettersAsync(string queue, IReadOnlyCollection<string>? messageIds, CancellationToken cancellationToken)
    {
        var wanted = messageIds?.ToHashSet(StringComparer.Ordinal);
        var dead = QueueName.Dead(queue);
        var (requeued, offset) = (0, 0);
        while (true)
        {
            var page = await PageAsync(dead, offset, Page).WaitAsync(cancellationToken).ConfigureAwait(false);
            var args = new List<RedisValue>();
            foreach (var (id, body) in page)
                if (Revived(body, queue, wanted) is var (newId, newBody)) args.AddRange([id, newId, newBody]);
            var moved = args.Count == 0 ? 0 : (int)await parts.Link.RunAsync(
                RedisScript.Revive, [parts.Keys.Ids(dead), parts.Keys.Bodies(dead), parts.Keys.Ids(queue), parts.Keys.Bodies(queue)], [.. args]).ConfigureAwait(false);
            requeued += moved;
            offset += page.Length - moved;
            if (page.Length < Page) return requeued;
        }
    }

    public async ValueTask<int> PurgeAsync(string queue, CancellationToken cancellationToken)
    {
        var keys = parts.Keys;
        var aside = QueueName.IsDelay(queue) ? keys.Etas(queue) : keys.Deliveries(queue);
        for (var purged = 0; ;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var some = (int)await parts.Link.RunAsync(
                RedisScript.Purge, [keys.Ids(queue), keys.Bodies(queue), aside], [QueueName.IsDead(queue) ? "ZPOPMIN" : "LPOP"]).ConfigureAwait(false);
            if (some == 0) return purged;
            purged += some;
        }
    }

    private async Task<(RedisValue Id, RedisValue Body)[]> PageAsync(string queue, int offset, int count)
    {
        var answer = (RedisResult[])(await parts.Link.RunAsync(
            RedisScript.Peek, [parts.Keys.Ids(queue), parts.Keys.Bodies(queue)], [QueueName.IsDead(queue) ? "ZRANGE" : "LRANGE", offset, offset + count - 1]).ConfigureAwait(false))!;
        return [.. ((RedisValue[])answer[0]!).Zip((RedisValue[])answer[1]!)];
    }

    private static (RedisValue Id, RedisValue Body)? Revived(RedisValue body, string queue, HashSet<string>? wanted)
    {
        if (body.IsNull) return null;
        try
        {
            var message = Message.Decode((ReadOnlyMemory<byte>)body);
            if (wanted?.Contains(message.MessageId) == false) return null;
            var id = Guid.NewGuid().ToString();
            var options = message.Options.Without(
                OptionNames.Retries, OptionNames.Traceback, OptionNames.RequeueTimestamp, OptionNames.Eta, OptionNames.DeadLetter).With(OptionNames.RedisMessageId, id);
            return (id, message.With(queueName: queue, options: options).Encode());
        }
        catch (DecodeException)
        {
            return null;
        }
    }
}
