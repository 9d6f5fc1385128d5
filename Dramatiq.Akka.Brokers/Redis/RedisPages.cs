using System.Diagnostics;
using StackExchange.Redis;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>Reads what waits in the queues, a page at a time, so that Redis serves others in between.</summary>
internal sealed class RedisPages(RedisParts parts)
{
    /// <summary>Messages for each script: some hundred microseconds of Redis's time.</summary>
    public const int Size = 500;

    /// <summary>How many messages a search for a <c>message_id</c> looks at, since there is no index for it.</summary>
    public const int FindLooks = 10_000;

    /// <summary>How far into a list a key is looked for. Beyond it, what has a body counts as waiting.</summary>
    private const int LookupLooks = 100_000;

    private const int LookupSize = 200;

    public async ValueTask<PeekedPage> PeekAsync(string queue, PeekRequest request, CancellationToken cancellationToken)
    {
        var (found, lookedAt, began) = (new List<PeekedMessage>(), 0L, Stopwatch.GetTimestamp());
        while (lookedAt < request.Looks && found.Count < request.Count)
        {
            if (lookedAt > 0 && Stopwatch.GetElapsedTime(began) > request.LookFor) return new PeekedPage(found, lookedAt, IsComplete: false);
            // Not more than is asked for; a search goes page by page.
            var wanted = (int)Math.Min(request.Looks - lookedAt, request.Matches is null ? Math.Min(Size, request.Count - found.Count) : Size);
            var page = await ReadAsync(queue, request.Offset + lookedAt, wanted, cancellationToken).ConfigureAwait(false);
            foreach (var message in page)
            {
                if (found.Count == request.Count) return new PeekedPage(found, lookedAt, IsComplete: false);
                lookedAt++;
                if (message.Body.Length > 0 && request.Matches?.Invoke(message) != false) found.Add(message);
            }

            if (page.Count < wanted) return new PeekedPage(found, lookedAt, IsComplete: true);
        }

        var rest = await ReadAsync(queue, request.Offset + lookedAt, 1, cancellationToken).ConfigureAwait(false);
        return new PeekedPage(found, lookedAt, IsComplete: rest.Count == 0);
    }

    public async ValueTask<PeekedPage> FindAsync(string queue, string id, CancellationToken cancellationToken)
    {
        if (await LookUpAsync(queue, [id], cancellationToken).ConfigureAwait(false) is [var known]) return new PeekedPage([known], 1, IsComplete: false);
        var ids = new MessageIds([id]);
        return await PeekAsync(queue, new PeekRequest(0, 1) { LookAtMost = FindLooks, Matches = message => ids.Has("", message.Body) }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Those of the ids that are keys of messages that wait.</summary>
    public async ValueTask<List<PeekedMessage>> LookUpAsync(string queue, IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        var found = new List<PeekedMessage>();
        foreach (var chunk in ids.Chunk(LookupSize))
        {
            RedisValue[] args = [QueueName.IsDead(queue) ? "ZSET" : "LIST", LookupLooks, .. chunk];
            var answer = (RedisResult[])(await RunAsync(RedisScript.Lookup, queue, args, cancellationToken).ConfigureAwait(false))!;
            var (bodies, scores) = ((RedisValue[])answer[0]!, (RedisValue[])answer[1]!);
            for (var i = 0; i < chunk.Length; i++)
                if (!bodies[i].IsNull) found.Add(new PeekedMessage(chunk[i], (ReadOnlyMemory<byte>)bodies[i], Since(scores, i)));
        }

        return found;
    }

    /// <summary>One page as it stands; the body of an id that leads nowhere is empty.</summary>
    public async ValueTask<IReadOnlyList<PeekedMessage>> ReadAsync(string queue, long offset, int count, CancellationToken cancellationToken)
    {
        var answer = (RedisResult[])(await RunAsync(
            RedisScript.Peek, queue, [QueueName.IsDead(queue) ? "ZRANGE" : "LRANGE", offset, offset + count - 1], cancellationToken).ConfigureAwait(false))!;
        var (ids, bodies, scores) = ((RedisValue[])answer[0]!, (RedisValue[])answer[1]!, (RedisValue[])answer[2]!);
        var page = new PeekedMessage[ids.Length];
        for (var i = 0; i < page.Length; i++)
            page[i] = new PeekedMessage(ids[i].ToString(), bodies[i].IsNull ? default : (ReadOnlyMemory<byte>)bodies[i], Since(scores, i));
        return page;
    }

    private Task<RedisResult> RunAsync(RedisScript script, string queue, RedisValue[] args, CancellationToken cancellationToken) =>
        parts.Link.RunAsync(script, [parts.Keys.Ids(queue), parts.Keys.Bodies(queue)], args).AsTask().WaitAsync(cancellationToken);

    private static DateTimeOffset? Since(RedisValue[] scores, int place) =>
        place < scores.Length && scores[place].TryParse(out double ms) ? Messages.UnixTime.From(ms) : null;
}
