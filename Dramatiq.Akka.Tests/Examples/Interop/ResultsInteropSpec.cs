using System.Text.Json.Nodes;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Results;
using Dramatiq.Akka.Tests.Brokers.Redis;
using StackExchange.Redis;

namespace Dramatiq.Akka.Tests.Examples.Interop;

/// <summary>The example with results, and with Python's groups: what it leaves where Python looks, and what it takes from there.</summary>
public sealed class ResultsInteropSpec(RedisServer server) : IClassFixture<RedisServer>
{
    private IDatabase Database => server.Database;

    private string[] Where => ["--broker", server.Url, "--results", server.Url];

    [Fact]
    public async Task Sender_must_print_the_result_or_the_error_and_exit_accordingly()
    {
        await using var worker = InteropProcess.StartWorker(server.Url, "--results", server.Url);
        var added = await SendAsync("math", "add", "[2, 3]", "--wait", "60000");
        var echoed = await SendAsync("interop", "echo", """[{"a": [1, null, "\u00e9"]}]""", "--wait", "60000");
        var failed = await SendAsync("interop", "fail", """["on purpose"]""", "--wait", "60000");
        var flaky = await SendAsync("interop", "flaky", """["key", 2]""", "--wait", "60000");

        Assert.Equal((0, "5"), (added.Code, added.Line["result"]!.ToJsonString()));
        Assert.True(echoed.Code == 0 && JsonNode.DeepEquals(JsonNode.Parse("""{"a": [1, null, "\u00e9"]}"""), echoed.Line["result"]), echoed.Line.ToJsonString());
        Assert.Equal((3, """{"type":"InvalidOperationException","message":"on purpose"}"""), (failed.Code, failed.Line["error"]!.ToJsonString()));
        Assert.Equal((0, "3"), (flaky.Code, flaky.Line["result"]!.ToJsonString()));
        var id = (string)added.Line["message_id"]!;
        Assert.Equal("5", (string?)await Database.ListGetByIndexAsync(new ResultKey("math", "add", id).ToText("dramatiq-results", readable: false), 0));
    }

    [Fact]
    public async Task Result_that_does_not_come_must_be_told_apart_from_a_failure()
    {
        var (code, line) = await SendAsync("nobody_here", "nobody", "[]", "--wait", "100");

        Assert.Equal((4, "ResultTimeout"), (code, (string)line["error"]!["type"]!));
    }

    [Theory]
    [InlineData("--wait needs --results, since somebody must store the result.", "--wait", "5")]
    [InlineData("--wait must be 0 or more, was -5.", "--results", "redis://127.0.0.1:1/0", "--wait", "-5")]
    [InlineData("--results must start with redis://, rediss:// or redis+sentinel://, was: amqp", "--results", "amqp://user:secret@127.0.0.1:1")]
    public async Task Wrong_usage_must_exit_with_2_and_say_why(string why, params string[] arguments)
    {
        var (code, _, error) = await InteropProcess.RunAsync(["send", "--broker", "redis://127.0.0.1:1/0", "math", "add", "[1,2]", .. arguments]);

        Assert.Equal(2, code);
        Assert.Contains(why, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Group_of_Pythons_must_be_completed_and_its_callback_be_where_Python_fetches_it()
    {
        var group = Guid.NewGuid().ToString();
        await Database.StringSetAsync(group, 3, TimeSpan.FromDays(1));
        await using var worker = InteropProcess.StartWorker(server.Url, "--results", server.Url);
        var callback = $$$"""[{"queue_name":"python_{{{group}}}","actor_name":"show","args":["done"],"kwargs":{},"options":{},"message_id":"{{{Guid.NewGuid()}}}","message_timestamp":1795354558050}]""";
        for (var i = 0; i < 2; i++)
            await WriteAsync("math", $$$"""{"queue_name":"math","actor_name":"add","args":[{{{i}}},1],"kwargs":{},"options":{"redis_message_id":"{{{group}}}-{{{i}}}","group_completion_uuid":"{{{group}}}","group_completion_callbacks":{{{callback}}}},"message_id":"{{{Guid.NewGuid()}}}","message_timestamp":1795354558050}""", $"{group}-{i}");
        await RedisFixture.EventuallyAsync(async () => (string?)await Database.StringGetAsync(group) == "1", "two have arrived");
        Assert.False(await Database.KeyExistsAsync($"dramatiq:python_{group}"));

        await WriteAsync("interop", $$$"""{"queue_name":"interop","actor_name":"echo","args":[7],"kwargs":{},"options":{"redis_message_id":"{{{group}}}-last","group_completion_uuid":"{{{group}}}","group_completion_callbacks":{{{callback}}}},"message_id":"{{{Guid.NewGuid()}}}","message_timestamp":1795354558050}""", $"{group}-last");
        await RedisFixture.EventuallyAsync(async () => await Database.ListLengthAsync($"dramatiq:python_{group}") == 1, "the callback is there");
        var body = Message.Decode((byte[])(await Database.HashValuesAsync($"dramatiq:python_{group}.msgs"))[0]!);
        Assert.Equal(("show", """["done"]"""), (body.ActorName, System.Text.Encoding.UTF8.GetString(body.Args.Span)));
    }

    private async Task WriteAsync(string queue, string body, string id)
    {
        await Database.HashSetAsync($"dramatiq:{queue}.msgs", id, body);
        await Database.ListRightPushAsync($"dramatiq:{queue}", id);
    }

    private async Task<(int Code, JsonNode Line)> SendAsync(params string[] order)
    {
        var (code, output, error) = await InteropProcess.RunAsync(["send", .. Where, .. order]);
        Assert.True(output.Length > 0, error);
        return (code, JsonNode.Parse(Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)))!);
    }
}
