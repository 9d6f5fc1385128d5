using System.Text.Json.Nodes;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Brokers.Redis;
using Dramatiq.Akka.Messages;
using StackExchange.Redis;

namespace Dramatiq.Akka.Tests.Brokers.Redis;

/// <summary>The steps that were recorded from Python's Dramatiq, done by this broker, leave the same keys.</summary>
[Collection(RedisServerCollection.Name)]
public sealed class KeysSpec(RedisServer server) : RedisFixture(server)
{
    private static readonly JsonArray Recorded = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "vectors", "redis-steps.json")))!["data"]!.AsArray();

    [Fact]
    public async Task Same_steps_must_leave_the_same_keys()
    {
        var broker = await NewBrokerAsync();
        await broker.DeclareQueueAsync("default", CancellationToken.None);

        await PublishAsync(broker, "[6,3]", null);
        await AssertStepAsync("enqueue div(6, 3)");

        await PublishAsync(broker, "[1,1]", 1795358155840);
        await AssertStepAsync("enqueue div(1, 1) with delay 1 h");

        var reader = Consume(broker, "default", prefetch: 1);
        var delivery = await reader.ReadAsync();
        await AssertStepAsync("fetch from default");

        await reader.AckAsync(delivery);
        await AssertStepAsync("ack");

        await PublishAsync(broker, "[1,0]", null);
        await reader.SettleAsync(Settlement.DeadLetter(await reader.ReadAsync(), default, null));
        await AssertStepAsync("fetch, then nack div(1, 0)");
    }

    /// <summary>
    /// What differs is meant: a Python worker has the delayed message in its hands at once, where here nobody has and it waits in the list; the text of a traceback is its
    /// language's own; and the result is no key of the broker's.
    /// </summary>
    [Fact]
    public async Task A_worker_that_failed_once_must_leave_what_Pythons_leaves()
    {
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await RedisHost.StartAsync(Options(), d => d.AddActor(
            "div",
            (int x, int y) =>
            {
                if (y == 0) failed.TrySetResult();
                return x / y;
            },
            static o => o.Queue("default").MinBackoff(TimeSpan.FromHours(1)).MaxBackoff(TimeSpan.FromHours(2))));
        await host.Queue.EnqueueAsync(new ActorCall("div", 8, 2));
        await host.Queue.EnqueueAsync(new ActorCall("div", 1, 0));
        await failed.Task.WaitAsync(Deadline);
        await EventuallyAsync(
            async () => await Database.HashLengthAsync(Key("default.DQ.msgs")) == 1 && await Database.HashLengthAsync(Key("default.msgs")) == 0, "both are settled");

        var step = Recorded.Single(static one => (string)one!["step"]! == "a worker ran div(8, 2) and div(1, 0) once")!["keys"]!.AsObject();
        var expected = step.Where(static key => key.Key.StartsWith("dramatiq:", StringComparison.Ordinal) && !key.Key.EndsWith("__heartbeats__", StringComparison.Ordinal)).Select(static key =>
            key.Key.EndsWith(".default.DQ", StringComparison.Ordinal)
                ? Shape("dramatiq:default.DQ", "list", Ids(key.Value!), [])
                : Shape(key.Key, (string)key.Value!["type"]!, Ids(key.Value), Bodies(key.Value)));
        Assert.Equal(expected.Order(StringComparer.Ordinal), (await ActualAsync()).Order(StringComparer.Ordinal));
        Assert.Contains(nameof(DivideByZeroException), (string)(await Database.HashValuesAsync(Key("default.DQ.msgs"))).Single()!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mere_producer_must_not_appear_as_a_worker()
    {
        var broker = await NewBrokerAsync();
        await PublishAsync(broker, null, "a");
        Assert.False(await Database.KeyExistsAsync(Key("__heartbeats__")));
    }

    [Fact]
    public async Task A_consumer_must_be_known_as_a_worker_until_it_closes()
    {
        var broker = await NewBrokerAsync();
        await PublishAsync(broker, null, "a", "b");
        var reader = Consume(broker);
        await reader.ReadAsync(2);
        var worker = Assert.Single(await Database.SortedSetRangeByRankWithScoresAsync(Key("__heartbeats__")));
        Assert.InRange(worker.Score, await NowMsAsync() - 10_000, await NowMsAsync());
        Assert.Equal(2, await Database.SetLengthAsync(Key($"__acks__.{worker.Element}.q")));

        await reader.CloseAsync();
        Assert.False(await Database.KeyExistsAsync(Key("__heartbeats__")));
        Assert.False(await Database.KeyExistsAsync(Key($"__acks__.{worker.Element}.q")));
        Assert.Equal(2, await Database.ListLengthAsync(Key("q")));
    }

    private static async Task PublishAsync(RedisBroker broker, string args, long? eta)
    {
        var message = new Message("default", "div", System.Text.Encoding.UTF8.GetBytes(args), "{}"u8.ToArray(), MessageOptions.Empty, Message.NewId(), 1795354555838);
        Assert.True((await broker.PublishAsync([new Publication(message, eta)], CancellationToken.None)).AllConfirmed);
    }

    private async Task AssertStepAsync(string step)
    {
        var expected = Recorded.Single(one => (string)one!["step"]! == step)!["keys"]!.AsObject()
            .Where(static key => !key.Key.EndsWith("__heartbeats__", StringComparison.Ordinal))
            .Select(static key => Shape(key.Key, (string)key.Value!["type"]!, Ids(key.Value), Bodies(key.Value)));
        Assert.Equal(expected.Order(StringComparer.Ordinal), (await ActualAsync()).Order(StringComparer.Ordinal));
    }

    private async Task<List<string>> ActualAsync()
    {
        var actual = new List<string>();
        await foreach (var key in Server.Server.KeysAsync(pattern: Namespace + ":*"))
        {
            var name = "dramatiq" + key.ToString()[Namespace.Length..];
            if (name.EndsWith("__heartbeats__", StringComparison.Ordinal) || name.StartsWith("dramatiq:etas:", StringComparison.Ordinal)) continue;
            Assert.Null(await Database.KeyTimeToLiveAsync(key));
            actual.Add(await Database.KeyTypeAsync(key) switch
            {
                RedisType.List => Shape(name, "list", (int)await Database.ListLengthAsync(key), []),
                RedisType.Set => Shape(name, "set", (int)await Database.SetLengthAsync(key), []),
                RedisType.SortedSet => Shape(name, "zset", (int)await Database.SortedSetLengthAsync(key), []),
                RedisType.Hash => Shape(name, "hash", 0, (await Database.HashGetAllAsync(key)).Select(static entry => (entry.Name.ToString(), entry.Value.ToString()))),
                var other => $"{name} {other}",
            });
        }

        return actual;
    }

    private static int Ids(JsonNode key) => key["value"] is JsonArray ids ? ids.Count : 0;

    private static IEnumerable<(string, string)> Bodies(JsonNode key) =>
        key["value"] is JsonObject bodies ? bodies.Select(static body => (body.Key, (string)body.Value!)) : [];

    /// <summary>A key as text, without what differs from run to run: the ids, and when the message was made.</summary>
    private static string Shape(string name, string type, int ids, IEnumerable<(string Id, string Body)> bodies)
    {
        var acks = name.Split('.');
        if (acks[0].EndsWith("__acks__", StringComparison.Ordinal)) name = $"{acks[0]}.ID.{string.Join('.', acks[2..])}";
        return $"{name} {type} {ids} {string.Join(' ', bodies.Select(static body => Body(body.Id, body.Body)).Order(StringComparer.Ordinal))}";
    }

    private static string Body(string id, string text)
    {
        var body = JsonNode.Parse(text)!.AsObject();
        Assert.Equal(id, (string)body["options"]!["redis_message_id"]!);
        body["options"]!["redis_message_id"] = "ID";
        if (body["options"]!["traceback"] is not null)
        {
            Assert.True((long)body["options"]!["requeue_timestamp"]! < (long)body["options"]!["eta"]!);
            body["options"]!["traceback"] = "TEXT";
            body["options"]!["requeue_timestamp"] = 0;
            body["options"]!["eta"] = 0;
        }

        body["message_id"] = "ID";
        body["message_timestamp"] = 0;
        return body.ToJsonString();
    }
}
