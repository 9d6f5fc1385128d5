using System.Text.Json;
using Dramatiq.Akka.Inspection;
using StackExchange.Redis;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>Keeps lives on the broker's server: a sorted set for each message, which goes by itself some time after its last step.</summary>
internal sealed class RedisLifeStore(RedisParts parts, TimeSpan ttl) : ILifeStore
{
    /// <summary>Steps for each script, so that Redis serves others in between.</summary>
    private const int Chunk = 200;

    private const int MostSteps = 64;

    public async ValueTask WriteAsync(IReadOnlyList<LifeStep> steps, CancellationToken cancellationToken)
    {
        foreach (var some in steps.Chunk(Chunk))
        {
            var keys = new RedisKey[some.Length];
            var args = new RedisValue[2 + 3 * some.Length];
            (args[0], args[1]) = ((long)ttl.TotalMilliseconds, MostSteps);
            for (var i = 0; i < some.Length; i++)
            {
                keys[i] = parts.Keys.Life(some[i].MessageId);
                (args[3 * i + 2], args[3 * i + 3]) = (some[i].Order, some[i].State is LifeState.Requeued ? 1 : 0);
                args[3 * i + 4] = JsonSerializer.SerializeToUtf8Bytes(some[i], InspectionJson.Options);
            }

            await parts.Link.RunAsync(RedisScript.Live, keys, args).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask<MessageLife?> FindAsync(string messageId, CancellationToken cancellationToken)
    {
        var stored = await parts.Link.AskAsync(database => database.SortedSetRangeByRankAsync(parts.Keys.Life(messageId))).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        var steps = stored.Select(static step => TryRead(step)).OfType<LifeStep>().ToArray();
        return steps is [.., var last] ? new MessageLife(messageId, last.Queue, last.ActorName, last.State, steps) : null;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>A version of this library that knows other states may have written it.</summary>
    private static LifeStep? TryRead(RedisValue step)
    {
        try
        {
            return JsonSerializer.Deserialize<LifeStep>(((ReadOnlyMemory<byte>)step).Span, InspectionJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
