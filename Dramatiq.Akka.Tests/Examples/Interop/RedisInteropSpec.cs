using System.Text.Json.Nodes;
using Dramatiq.Akka.Tests.Brokers.Redis;
using StackExchange.Redis;

namespace Dramatiq.Akka.Tests.Examples.Interop;

/// <summary>The example on Redis. The other end is Python's: its keys, written and read as it writes and reads them.</summary>
public sealed class RedisInteropSpec(RedisServer server) : IClassFixture<RedisServer>, IAsyncLifetime
{
    private static readonly string[] Queues = ["math", "interop", "python"];

    private IDatabase Database => server.Database;

    private string Url => server.Url;

    public async Task InitializeAsync()
    {
        _ = Url;
        foreach (var queue in Queues)
            await Database.KeyDeleteAsync([Key(queue), Key(queue + ".msgs"), Key(queue + ".DQ"), Key(queue + ".DQ.msgs"), Key(queue + ".XQ"), Key(queue + ".XQ.msgs")]);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_pipeline_of_Pythons_must_come_back_with_the_result()
    {
        await using var worker = InteropProcess.StartWorker(Url);
        await WriteAsync("math", "one", PythonMessage.AddPipedToShow("python", Stamp("one")));
        var show = await FetchAsync("python");
        Assert.Equal(("show", "python"), ((string)show["actor_name"]!, (string)show["queue_name"]!));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""["2 + 3",5]"""), show["args"]), show.ToJsonString());
        await RedisFixture.EventuallyAsync(async () => await Database.HashLengthAsync(Key("math.msgs")) == 0, "add is acked");
        Assert.Equal(0, await worker.TerminateAsync());
        Assert.Equal(0, await Database.ListLengthAsync(Key("math")));
    }

    [Fact]
    public async Task What_fails_for_good_must_be_where_Python_looks_for_dead_letters()
    {
        await using var worker = InteropProcess.StartWorker(Url);
        await WriteAsync("interop", "two", PythonMessage.Fail(Stamp("two").TrimEnd(',')));
        await RedisFixture.EventuallyAsync(async () => await Database.SortedSetScoreAsync(Key("interop.XQ"), "two") is not null, "it is dead");
        var letter = JsonNode.Parse((string)(await Database.HashGetAsync(Key("interop.XQ.msgs"), "two"))!)!;
        Assert.Equal("on purpose", (string)letter["args"]![0]!);
    }

    [Fact]
    public async Task What_is_sent_must_be_what_a_worker_of_Pythons_fetches()
    {
        var id = await InteropProcess.SendAsync(Url, "python", "show", """["hello from .NET", null]""");
        var show = await FetchAsync("python");
        Assert.Equal((id, "show", """["hello from .NET",null]"""), ((string)show["message_id"]!, (string)show["actor_name"]!, show["args"]!.ToJsonString()));
        Assert.Equal(["queue_name", "actor_name", "args", "kwargs", "options", "message_id", "message_timestamp"], show.AsObject().Select(static field => field.Key));
    }

    [Fact]
    public async Task What_is_sent_with_a_delay_must_wait_where_Python_looks_for_it()
    {
        var before = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var id = await InteropProcess.SendAsync(Url, "python", "show", """["later"]""", "--delay", "3600000");
        var show = await FetchAsync("python.DQ");
        Assert.Equal((id, "python.DQ"), ((string)show["message_id"]!, (string)show["queue_name"]!));
        Assert.InRange((long)show["options"]!["eta"]!, before + 3_600_000, before + 3_700_000);
    }

    [Fact]
    public async Task A_broker_of_another_kind_must_be_refused_without_its_password()
    {
        var (code, output, error) = await InteropProcess.RunAsync("send", "--broker", "http://me:hunter2@localhost", "python", "show", "[]");
        Assert.NotEqual(0, code);
        Assert.Contains("--broker must start with amqp://, amqps://, redis://, rediss:// or redis+sentinel://, was: http", error, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", output + error, StringComparison.Ordinal);
    }

    /// <summary>What Python's enqueue leaves behind.</summary>
    private async Task WriteAsync(string queue, string id, string body)
    {
        await Database.HashSetAsync(Key(queue + ".msgs"), id, body);
        await Database.ListRightPushAsync(Key(queue), id);
    }

    /// <summary>What Python's fetch takes: the first id, and its body, which knows the id.</summary>
    private async Task<JsonNode> FetchAsync(string queue)
    {
        var id = RedisValue.Null;
        await RedisFixture.EventuallyAsync(async () => !(id = await Database.ListLeftPopAsync(Key(queue))).IsNull, $"something is in {queue}");
        var body = JsonNode.Parse((string)(await Database.HashGetAsync(Key(queue + ".msgs"), id))!)!;
        Assert.Equal(id.ToString(), (string)body["options"]!["redis_message_id"]!);
        return body;
    }

    private static string Stamp(string id) => $"\"redis_message_id\":\"{id}\",";

    private static RedisKey Key(string name) => "dramatiq:" + name;
}
