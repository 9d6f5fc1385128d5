using System.Text.Json.Nodes;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Tests.Management;

namespace Dramatiq.Akka.Tests.Cli;

public sealed class CommandsSpec
{
    /// <summary>Every command that only looks, the address whose answer it shows, and what its text must hold.</summary>
    public static TheoryData<string[], string?, string[]> Questions => new()
    {
        { ["queue", "list"], "api/queues", ["QUEUE", "default", "1,200", "1m 5s", "12", "2/8", "emails"] },
        { ["queue", "show", "default"], "api/queues/default", ["running", "1,200", "2 of 8 busy", "12 done/s"] },
        { ["worker", "list"], "api/workers", ["default", "ABANDONED", "send_email", "12m", "0190-bbbb", "abandoned"] },
        { ["worker", "list", "default"], "api/workers?queue=default", ["resize_image"] },
        { ["message", "list", "default"], "api/queues/default/messages?place=ready", ["7", "add", "1, 2", "321 B"] },
        { ["dead", "list", "default"], "api/queues/default/messages?place=dead", ["REASON", "because 1, 2"] },
        { ["message", "show", "7"], "api/messages/7", ["id-7", "default, dead", "ValueError: 1, 2", "retries", "    line 1", "enqueued", "2026-01-31 12:00:01.000Z"] },
        { ["top"], null, ["app@host:4711", "running", "redis", "2,400 ready", "3 dead", "resize_image"] },
    };

    [Theory]
    [MemberData(nameof(Questions))]
    public async Task Question_must_be_shown_as_text_and_as_the_host_answered_it(string[] args, string? address, string[] shown)
    {
        await using var host = await ManagementHost.StartAsync(inspection: Reports.All());
        var typed = new Typed(host.Address);

        var text = await typed.RunAsync(args);
        var json = await typed.RunAsync([.. args, "--json"]);

        Assert.Equal((0, 0), (text.ExitCode, json.ExitCode));
        Assert.All(shown, word => Assert.Contains(word, text.Output, StringComparison.Ordinal));
        Assert.Single(json.Lines);
        if (address is not null)
            Assert.True(JsonNode.DeepEquals((await host.GetAsync(address)).Body, json.Json), json.Output);
    }

    [Fact]
    public async Task Top_as_json_must_hold_the_three_answers()
    {
        await using var host = await ManagementHost.StartAsync(inspection: Reports.All());

        var json = (await new Typed(host.Address).RunAsync("top", "--json")).Json;

        Assert.True(JsonNode.DeepEquals((await host.GetAsync("api/node")).Body, json["node"]));
        Assert.True(JsonNode.DeepEquals((await host.GetAsync("api/queues")).Body!["queues"], json["queues"]));
        Assert.True(JsonNode.DeepEquals((await host.GetAsync("api/workers")).Body!["pools"], json["pools"]));
    }

    [Fact]
    public async Task Actors_must_be_those_that_really_run()
    {
        await using var host = await ManagementHost.StartAsync();
        await host.Worker.ActorAsync("default/workers/worker-1");
        var typed = new Typed(host.Address);

        var list = await typed.RunAsync("actor", "list");
        Assert.Equal(0, list.ExitCode);
        Assert.Contains("add", list.Lines[1], StringComparison.Ordinal);
        Assert.Contains("Retries", list.Lines[1], StringComparison.Ordinal);
        Assert.Equal("add", (string?)(await typed.RunAsync("actor", "list", "--json")).Json["actors"]![0]!["name"]);

        var tree = await typed.RunAsync("actor", "tree");
        Assert.Contains("dramatiq-gateway", tree.Output, StringComparison.Ordinal);
        Assert.Contains("worker-1", tree.Output, StringComparison.Ordinal);
        Assert.Contains("… ", (await typed.RunAsync("actor", "tree", "dramatiq/default/workers", "--children", "1")).Output, StringComparison.Ordinal);
        Assert.Equal("workers", (string?)(await typed.RunAsync("actor", "tree", "dramatiq/default/workers", "--depth", "1", "--json")).Json["roots"]![0]!["name"]);
        Assert.Equal(5, (await typed.RunAsync("actor", "tree", "dramatiq/nothing")).ExitCode);
        Assert.Equal(5, (await typed.RunAsync("actor", "tree", "dramatiq/nothing", "--json")).ExitCode);
    }

    [Fact]
    public async Task Filters_and_pages_must_reach_the_host()
    {
        var inspection = Reports.All();
        await using var host = await ManagementHost.StartAsync(inspection: inspection);

        var run = await new Typed(host.Address).RunAsync(
            "message", "list", "default", "--place", "dead", "--actor", "add", "--reason", "x&y=z", "--text", "@file", "--died-until", "2026-01-31T12:00:00Z", "--offset", "50", "-n", "7", "--look-at-most", "100");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("There are more: --offset 50", run.Error, StringComparison.Ordinal);
        var page = Assert.Single(inspection.Asked<GetMessages>());
        Assert.Equal((MessagePlace.Dead, 50L, 7, 100), (page.Place, page.Offset, page.Count, page.LookAtMost));
        Assert.Equal(new MessageFilter { ActorName = "add", Reason = "x&y=z", Text = "@file", DiedUntil = Reports.At }, page.Filter);
    }

    [Fact]
    public async Task Pause_and_resume_must_say_where()
    {
        var inspection = Reports.All();
        await using var host = await ManagementHost.StartAsync(inspection: inspection);
        var typed = new Typed(host.Address);

        Assert.Equal("Queue default is paused in this process.", (await typed.RunAsync("queue", "pause", "default")).Lines[0]);
        Assert.Equal("Queue a.b is paused everywhere.", (await typed.RunAsync("queue", "pause", "a.b", "--everywhere")).Lines[0]);
        Assert.Equal("Queue default is not paused.", (await typed.RunAsync("queue", "resume", "default")).Lines[0]);
        Assert.True((bool)(await typed.RunAsync("queue", "pause", "default", "--everywhere", "--json")).Json["everywhere"]!);
        Assert.Equal(["default False", "a.b True", "default True"], inspection.Asked<PauseQueue>().Select(static order => $"{order.Queue} {order.Everywhere}"));
    }

    [Fact]
    public async Task Workers_must_be_scaled()
    {
        var inspection = Reports.All();
        await using var host = await ManagementHost.StartAsync(inspection: inspection);
        var typed = new Typed(host.Address);

        Assert.Equal("Queue default has 16 workers in this process from now on.", (await typed.RunAsync("worker", "scale", "default", "16")).Lines[0]);
        Assert.Equal(16, (int)(await typed.RunAsync("worker", "scale", "default", "16", "--json")).Json["workers"]!);
        Assert.Equal(new ScaleWorkers("default", 16), inspection.Asked<ScaleWorkers>()[0]);
    }

    [Fact]
    public async Task Enqueue_must_carry_arguments_options_and_delay()
    {
        var inspection = Reports.All();
        await using var host = await ManagementHost.StartAsync(inspection: inspection);
        var typed = new Typed(host.Address) { Reply = "[9]" };

        var run = await typed.RunAsync("enqueue", "emails", "send", """["a@b", -1]""", "--kwargs", """{"x":NaN}""", "--delay", "1h30m", "-o", "max_retries=3", "-o", "note=plain text", "--option", "queue={\"a\":1}");
        Assert.Equal("Enqueued 0190-cccc for send on queue 'emails'.", run.Lines[0]);
        Assert.Equal("0190-cccc", (string?)(await typed.RunAsync("enqueue", "emails", "send", "-", "--json")).Json["messageId"]);
        Assert.Equal(0, (await typed.RunAsync("enqueue", "emails", "send")).ExitCode);

        var (full, read, bare) = (inspection.Asked<EnqueueMessage>()[0], inspection.Asked<EnqueueMessage>()[1], inspection.Asked<EnqueueMessage>()[2]);
        Assert.Equal(("send", "emails", """["a@b", -1]""", """{"x":NaN}""", 5_400_000L), (full.ActorName, full.Queue, full.Args, full.Kwargs, full.DelayMs));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"max_retries":3,"note":"plain text","queue":{"a":1}}"""), JsonNode.Parse(full.Options)));
        Assert.Equal(("[9]", "[]", null), (read.Args.Trim(), bare.Args, bare.DelayMs));
    }
}
