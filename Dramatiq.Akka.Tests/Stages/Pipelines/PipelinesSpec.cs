using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Tests.Contracts;
using Dramatiq.Akka.Tests.EndToEnd;
using Dramatiq.Akka.Tests.Messages;

namespace Dramatiq.Akka.Tests.Stages.Pipelines;

public sealed class PipelinesSpec
{
    private readonly Feed<string> _seen = new();

    private sealed record Point(int X, double Height);

    [Theory]
    [InlineData("[]", "[5]")]
    [InlineData("[1]", "[1,5]")]
    [InlineData("[ 1 , {\"a\":[2]} ]", "[1,{\"a\":[2]},5]")]
    public async Task Result_must_be_the_last_argument_of_the_next(string args, string seen)
    {
        await using var host = await StartAsync(d => d.AddActor("work", () => 5));
        await host.RunAsync(new ActorCall("work"), Piped(args: args));

        Assert.Equal([seen], _seen.All);
    }

    [Fact]
    public async Task Result_must_be_written_whatever_its_type()
    {
        await using var host = await StartAsync(d => d
            .AddActor("record", () => new Point(1, 2))
            .AddActor("list", () => new List<object?> { 1, "a", null })
            .AddActor("nothing", () => { })
            .AddActor("null", string? () => null)
            .AddActor("text", async () =>
            {
                await Task.Yield();
                return "é";
            }));
        foreach (var actor in new[] { "record", "list", "nothing", "null", "text" })
            await host.RunAsync(new ActorCall(actor), Piped());

        Assert.Equal(["""[{"x":1,"height":2.0}]""", """[[1,"a",null]]""", "[null]", "[null]", """["é"]"""], _seen.All);
    }

    [Fact]
    public async Task Result_must_be_left_out_when_the_next_or_the_current_actor_ignores_it()
    {
        await using var host = await StartAsync(d => d
            .AddActor("work", () => 5)
            .AddActor("quiet", () => 5, a => a.PipeIgnore()));
        await host.RunAsync(new ActorCall("work"), Piped(args: "[1]", options: """{"pipe_ignore":true}"""));
        await host.RunAsync(new ActorCall("quiet"), Piped(args: "[2]"));
        await host.RunAsync(new ActorCall("work"), Piped(args: "[3]", options: """{"pipe_ignore":false}"""));

        Assert.Equal(["[1]", "[2]", "[3,5]"], _seen.All);
    }

    [Fact]
    public async Task Next_must_wait_for_its_delay()
    {
        await using var host = await StartAsync(d => d.AddActor("work", () => 5));
        var start = host.Clock.GetUtcNow();
        await host.RunAsync(new ActorCall("work"), Piped(options: """{"delay":90000}"""));

        Assert.Equal(["[5]"], _seen.All);
        Assert.Equal(start.AddSeconds(90), host.Clock.GetUtcNow());
    }

    [Fact]
    public async Task Chain_of_three_that_python_wrote_must_run_to_its_end()
    {
        await using var host = await VirtualHost.StartAsync(d => d
            .AddActor("count_words", (string url) => url.Length)
            .AddActor("everything", (params int[] numbers) =>
            {
                _seen.Add(string.Join(',', numbers));
                return 7;
            }));
        var head = Message.Decode(MessageVectors.Body("pipeline-head"));
        await host.EnqueueAsync(new ActorCall("count_words", "a"), System.Text.Encoding.UTF8.GetString(Written(head.Options)));
        await host.JoinAsync();

        // The second gets the length; the third ignores what the second gave.
        Assert.Equal(["1", "9"], _seen.All);
    }

    [Theory]
    [InlineData("\"soon\"")]
    [InlineData("{\"queue_name\":\"default\"}")]
    [InlineData("[]")]
    public async Task Broken_target_must_bury_the_message_before_it_runs(string target)
    {
        await using var host = await StartAsync(d => d.AddActor("work", () => _seen.Add("ran")));
        await host.RunAsync(new ActorCall("work"), $$"""{"pipe_target":{{target}}}""", failFast: false);

        Assert.Empty(_seen.All);
        Assert.StartsWith("its pipe_target is no message: ", host.DeadNote().GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Null_target_must_be_none()
    {
        await using var host = await StartAsync(d => d.AddActor("work", () => 5));
        await host.RunAsync(new ActorCall("work"), """{"pipe_target":null}""");

        Assert.Empty(_seen.All);
    }

    [Fact]
    public async Task Pipeline_must_stop_at_a_failure_and_go_on_once_a_retry_succeeds()
    {
        var runs = 0;
        await using var host = await StartAsync(d => d
            .AddActor("dies", void () => throw new InvalidOperationException("boom"), a => a.MaxRetries(0))
            .AddActor("recovers", () => ++runs == 1 ? throw new InvalidOperationException("boom") : runs));
        await host.RunAsync(new ActorCall("dies"), Piped(), failFast: false);
        Assert.Empty(_seen.All);
        await host.RunAsync(new ActorCall("recovers"), Piped(), failFast: false);

        Assert.Equal(["[2]"], _seen.All);
    }

    [Fact]
    public async Task Next_may_run_elsewhere_on_a_queue_unknown_here()
    {
        await using var host = await StartAsync(d => d.AddActor("work", () => 5));
        await host.RunAsync(new ActorCall("work"), Piped(queue: "pythons", actor: "theirs", options: """{"custom":[1]}"""));

        var body = VirtualHost.Json(Assert.Single(await host.Broker.PeekBodiesAsync("pythons")));
        Assert.Equal(("theirs", "[5]", """{"custom":[1]}""", "next-id"), (
            body.GetProperty("actor_name").GetString(), body.GetProperty("args").GetRawText(),
            body.GetProperty("options").GetRawText(), body.GetProperty("message_id").GetString()));
    }

    private static string Piped(string args = "[]", string options = "{}", string queue = "default", string actor = "next") =>
        $$$"""{"pipe_target":{"queue_name":"{{{queue}}}","actor_name":"{{{actor}}}","args":{{{args}}},"kwargs":{},"options":{{{options}}},"message_id":"next-id","message_timestamp":1}}""";

    private static byte[] Written(MessageOptions options)
    {
        var writer = new WireWriter();
        options.WriteTo(writer);
        return writer.ToArray();
    }

    private Task<VirtualHost> StartAsync(Action<DramatiqBuilder> configure) => VirtualHost.StartAsync(d =>
    {
        d.AddActor("next", (params object?[] args) => _seen.Add(Text(args)));
        configure(d);
    });

    private static string Text(object?[] args)
    {
        var writer = new WireWriter();
        WireJson.Default.Write(writer, args.ToList());
        return System.Text.RegularExpressions.Regex.Unescape(System.Text.Encoding.UTF8.GetString(writer.Written));
    }
}
