using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using StackExchange.Redis;

namespace Dramatiq.Akka.Benchmarks;

/// <summary>The same duty on the same keys by StackExchange.Redis alone: what a careful hand would write for this one purpose.</summary>
internal sealed class RawRedis : IAsyncDisposable
{
    private const int FetchSize = 256;
    private const int Window = 1_000;
    private const string Worker = "raw";

    private const string FetchScript = """
        redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
        local ids = redis.call('LPOP', KEYS[2], ARGV[3])
        if not ids then return false end
        redis.call('SADD', KEYS[4], unpack(ids))
        return { ids, redis.call('HMGET', KEYS[3], unpack(ids)) }
        """;

    private const string AckScript = """
        redis.call('SREM', KEYS[1], unpack(ARGV))
        return redis.call('HDEL', KEYS[2], unpack(ARGV))
        """;

    private readonly ConnectionMultiplexer _connection;
    private readonly IDatabase _database;
    private readonly RedisKey _list = "raw:bench";
    private readonly RedisKey _bodies = "raw:bench.msgs";
    private readonly RedisKey _held = "raw:__acks__.raw.bench";
    private readonly RedisKey _heartbeats = "raw:__heartbeats__";

    private RawRedis(ConnectionMultiplexer connection)
    {
        _connection = connection;
        _database = connection.GetDatabase();
    }

    public static async Task<RawRedis> ConnectAsync(string url)
    {
        var address = new Uri(url);
        var raw = new RawRedis(await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions { EndPoints = { { address.Host, address.Port } } }));
        await raw._database.KeyDeleteAsync([raw._list, raw._bodies, raw._held, raw._heartbeats]);
        return raw;
    }

    /// <summary>Messages a second, pipelined a thousand at a time.</summary>
    public async Task<double> EnqueueAsync(int messages)
    {
        var clock = Stopwatch.StartNew();
        var window = new List<Task>(2 * Window);
        for (var i = 0; i < messages; i++)
        {
            var (id, body) = NewMessage(i);
            window.Add(_database.HashSetAsync(_bodies, id, body));
            window.Add(_database.ListRightPushAsync(_list, id));
            if (window.Count < 2 * Window && i < messages - 1) continue;
            await Task.WhenAll(window);
            window.Clear();
        }

        return messages / clock.Elapsed.TotalSeconds;
    }

    /// <summary>Messages a second: fetched 256 at a time, decoded, acked in batches while the next are fetched.</summary>
    public async Task<double> DrainAsync(int messages, Action<RawMessage>? handle = null)
    {
        var clock = Stopwatch.StartNew();
        Task acking = Task.CompletedTask;
        for (var done = 0; done < messages;)
        {
            var rows = await FetchAsync();
            if (rows is null) continue;
            var ids = (RedisValue[])rows[0]!;
            foreach (var body in (RedisValue[])rows[1]!)
            {
                var message = JsonSerializer.Deserialize<RawMessage>((byte[])body!)!;
                handle?.Invoke(message);
            }

            await acking;
            acking = _database.ScriptEvaluateAsync(AckScript, [_held, _bodies], ids);
            done += ids.Length;
        }

        await acking;
        return messages / clock.Elapsed.TotalSeconds;
    }

    /// <summary>The seconds that waits of 50 ms take, fetched and acked as above, so many at once.</summary>
    public async Task<double> WaitAsync(int messages, int concurrency, int waitMs)
    {
        await EnqueueAsync(messages);
        using var free = new SemaphoreSlim(concurrency);
        var clock = Stopwatch.StartNew();
        var acks = new List<Task>();
        for (var done = 0; done < messages;)
        {
            var rows = await FetchAsync();
            if (rows is null) continue;
            foreach (var id in (RedisValue[])rows[0]!)
            {
                await free.WaitAsync();
                acks.Add(RunAsync(id));
                done++;
            }
        }

        await Task.WhenAll(acks);
        return clock.Elapsed.TotalSeconds;

        async Task RunAsync(RedisValue id)
        {
            await Task.Delay(waitMs);
            free.Release();
            await _database.ScriptEvaluateAsync(AckScript, [_held, _bodies], [id]);
        }
    }

    /// <summary>From the write to the decoded message, by a reader that asks without a pause.</summary>
    public async Task<List<double>> LatencyAsync(int messages, TimeSpan interval)
    {
        var times = new List<double>(messages);
        var reading = Task.Run(() => DrainAsync(messages, message => times.Add(Stopwatch.GetElapsedTime(message.Args[0]).TotalMilliseconds)));
        using var timer = new PeriodicTimer(interval);
        for (var i = 0; i < messages; i++)
        {
            await timer.WaitForNextTickAsync();
            var (id, body) = NewMessage(Stopwatch.GetTimestamp());
            await Task.WhenAll(_database.HashSetAsync(_bodies, id, body), _database.ListRightPushAsync(_list, id));
        }

        await reading;
        times.Sort();
        return times;
    }

    /// <summary>Writes to a queue of Dramatiq's as Python does: one message, one body, one id.</summary>
    public async Task WriteAsPythonAsync(string queue, string actor, long argument)
    {
        var (id, body) = NewMessage(argument, queue, actor);
        await Task.WhenAll(_database.HashSetAsync($"dramatiq:{queue}.msgs", id, body), _database.ListRightPushAsync($"dramatiq:{queue}", id));
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task<RedisResult[]?> FetchAsync()
    {
        var answer = await _database.ScriptEvaluateAsync(
            FetchScript, [_heartbeats, _list, _bodies, _held], [Worker, Environment.TickCount64, FetchSize]);
        return answer.IsNull ? null : (RedisResult[])answer!;
    }

    private static (RedisValue Id, RedisValue Body) NewMessage(long argument, string queue = "bench", string actor = "noop")
    {
        var id = Guid.NewGuid().ToString();
        return (id, JsonSerializer.SerializeToUtf8Bytes(new RawMessage(
            queue, actor, [argument], [], new Dictionary<string, string> { ["redis_message_id"] = id }, Guid.NewGuid().ToString(), 1_795_354_555_834)));
    }
}

/// <summary>A message as its JSON is.</summary>
internal sealed record RawMessage(
    [property: JsonPropertyName("queue_name")] string QueueName,
    [property: JsonPropertyName("actor_name")] string ActorName,
    [property: JsonPropertyName("args")] long[] Args,
    [property: JsonPropertyName("kwargs")] Dictionary<string, string> Kwargs,
    [property: JsonPropertyName("options")] Dictionary<string, string> Options,
    [property: JsonPropertyName("message_id")] string MessageId,
    [property: JsonPropertyName("message_timestamp")] long MessageTimestamp);
