using Akka.Event;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Tests.EndToEnd;
using Dramatiq.Akka.Tests.Management;

namespace Dramatiq.Akka.Tests.Cli;

public sealed class LiveSpec
{
    private const string Enter = "\u001b[?1049h";
    private const string Leave = "\u001b[?1049l";

    [Fact]
    public async Task Log_must_be_told_as_it_is_written_until_it_is_stopped()
    {
        await using var host = await ManagementHost.StartAsync();
        using var stop = new CancellationTokenSource();
        var (text, json) = (new StringWriter(), new StringWriter());
        var tail = new Typed(host.Address) { Stop = stop.Token }.RunAsync(text, "log", "tail", "--messages");
        var lines = new Typed(host.Address) { Stop = stop.Token }.RunAsync(json, "log", "tail", "--level", "warning", "--json", "-n", "1");

        await Eventually.AssertAsync(async () =>
        {
            host.Worker.System.Log.Info("only\u001b[2J\nsaid");
            host.Worker.System.Log.Warning("look here");
            var enqueued = await host.Worker.Queue.EnqueueAsync(new ActorCall("add", 1, 2));
            await Task.Delay(20);
            Assert.Contains("only\\x1b[2J\n    said", text.ToString(), StringComparison.Ordinal);
            Assert.Contains("DONE    default add ", text.ToString(), StringComparison.Ordinal);
            Assert.Contains("look here", json.ToString(), StringComparison.Ordinal);
        });
        await stop.CancelAsync();

        Assert.Equal(0, (await tail).ExitCode);
        var one = await lines;
        Assert.Equal((0, "warning", "look here"), (one.ExitCode, (string?)one.Json["level"], (string?)one.Json["text"]));
    }

    [Fact]
    public async Task Log_must_go_on_after_the_host_was_away()
    {
        await using var worker = await TestHost.StartAsync(static d => d.AddActor("add", static (int x, int y) => x + y));
        await using var relay = new Relay();
        await using var host = await ManagementHost.StartAsync(worker: worker);
        relay.Target = host.Address;
        using var stop = new CancellationTokenSource();
        var text = new StringWriter();
        var tail = new Typed(relay.Address) { Stop = stop.Token }.RunAsync(text, "log", "tail");

        await HeardAsync("before");
        relay.Cut();
        await HeardAsync("after");
        await stop.CancelAsync();

        var run = await tail;
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Connecting again.", run.Error, StringComparison.Ordinal);

        Task HeardAsync(string word) => Eventually.AssertAsync(async () =>
        {
            worker.System.Log.Info(word);
            await Task.Delay(20);
            Assert.Contains(word, text.ToString(), StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Top_must_draw_over_itself_and_leave_the_terminal_as_it_was()
    {
        var inspection = Reports.All();
        await using var host = await ManagementHost.StartAsync(inspection: inspection);
        var (screen, pressed) = (new StringWriter(), false);
        var top = new Typed(host.Address) { Width = 80, Key = () => pressed ? 'q' : null }.RunAsync(screen, "top", "--interval", "100ms");

        await Eventually.AssertAsync(() => Assert.True(inspection.Asked<GetQueues>().Count >= 3));
        inspection.Failure = new InspectionException(InspectionFailure.BrokerAway, "The broker is away.");
        await Eventually.AssertAsync(() => Assert.Contains("The broker is away.", screen.ToString(), StringComparison.Ordinal));
        inspection.Failure = null;
        pressed = true;
        var run = await top;

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.StartsWith(Enter, run.Output, StringComparison.Ordinal);
        Assert.EndsWith(Leave, run.Output, StringComparison.Ordinal);
        Assert.Equal((2, 2), (run.Output.Split(Enter).Length, run.Output.Split(Leave).Length));
        Assert.All(Pictures(run.Output), static picture =>
        {
            Assert.InRange(picture.Length, 8, 24);
            Assert.All(picture, static line => Assert.InRange(line.Length, 0, 80));
        });
    }

    [Fact]
    public async Task Top_must_end_well_when_it_is_interrupted()
    {
        await using var host = await ManagementHost.StartAsync(inspection: Reports.All());
        using var stop = new CancellationTokenSource();
        var screen = new StringWriter();
        var top = new Typed(host.Address) { Width = 160, Stop = stop.Token }.RunAsync(screen, "top");

        await Eventually.AssertAsync(() => Assert.Contains("q ends it", screen.ToString(), StringComparison.Ordinal));
        await stop.CancelAsync();

        var run = await top;
        Assert.Equal(0, run.ExitCode);
        Assert.EndsWith(Leave, run.Output, StringComparison.Ordinal);
    }

    /// <summary>What was drawn each time, without its colors.</summary>
    private static IEnumerable<string[]> Pictures(string output) =>
        output.Split("\u001b[?2026h").Skip(1).Select(static picture => System.Text.RegularExpressions.Regex.Replace(picture, "\u001b\\[[?0-9;]*[A-Za-z]", "").Split("\r\n"));
}
