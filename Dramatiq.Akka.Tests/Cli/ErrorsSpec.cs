using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Tests.Management;

namespace Dramatiq.Akka.Tests.Cli;

public sealed class ErrorsSpec
{
    private const string ReadToken = "read-token-of-some-length";
    private const string OrderToken = "order-token-of-some-length";

    [Theory]
    [InlineData("queue", "list")]
    [InlineData("top")]
    [InlineData("log", "tail")]
    [InlineData("enqueue", "default", "add")]
    public async Task Host_away_must_be_told_with_its_address(params string[] args)
    {
        var run = await new Typed(null).RunAsync(args);

        Assert.Equal((3, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("dramatiq: Cannot reach http://127.0.0.1:9/: ", run.Error, StringComparison.Ordinal);
        Assert.Contains("--url or DRAMATIQ_URL", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_that_does_not_answer_must_not_be_waited_for_for_ever()
    {
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();

        var run = await new Typed(new Uri($"http://{silent.LocalEndpoint}/")).RunAsync("queue", "list", "--timeout", "300ms");

        Assert.Equal(3, run.ExitCode);
        Assert.Contains("within 300ms", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_that_waits_for_a_host_must_end_when_it_is_stopped()
    {
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        using var stop = new CancellationTokenSource();

        var help = new Typed(new Uri($"http://{silent.LocalEndpoint}/")) { Stop = stop.Token }.RunAsync("--help");
        using var asked = await silent.AcceptTcpClientAsync();
        await stop.CancelAsync();

        var run = await help;
        Assert.Equal((130, "", ""), (run.ExitCode, run.Output, run.Error));
    }

    [Fact]
    public async Task Order_without_an_answer_must_be_told_from_a_host_that_is_away()
    {
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        var late = await new Typed(new Uri($"http://{silent.LocalEndpoint}/")).RunAsync("queue", "pause", "default", "--timeout", "300ms");
        Assert.Equal(6, late.ExitCode);
        Assert.Contains("within 300ms. The order may have been carried out.", late.Error, StringComparison.Ordinal);

        using var rude = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        rude.Start();
        var pause = new Typed(new Uri($"http://{rude.LocalEndpoint}/")).RunAsync("queue", "pause", "default");
        using (var asked = await rude.AcceptTcpClientAsync())
            Assert.True(await asked.GetStream().ReadAsync(new byte[4096]) > 0);
        var cut = await pause;
        Assert.Equal(6, cut.ExitCode);
        Assert.Contains("was lost", cut.Error, StringComparison.Ordinal);

        await using var host = await ManagementHost.StartAsync(inspection: new ScriptedInspection { Failure = new InspectionException(InspectionFailure.TimedOut, "not answered within 60 s; it may have been carried out") });
        Assert.Equal(6, (await new Typed(host.Address).RunAsync("queue", "pause", "default")).ExitCode);
        Assert.Equal(3, (await new Typed(null).RunAsync("queue", "pause", "default")).ExitCode);
    }

    [Fact]
    public async Task Order_must_be_waited_for_longer_than_its_host_does()
    {
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var order = new Typed(new Uri($"http://{silent.LocalEndpoint}/")) { Time = clock }.RunAsync("queue", "pause", "default");
        using var asked = await silent.AcceptTcpClientAsync();
        Assert.True(await asked.GetStream().ReadAsync(new byte[1]) > 0);

        clock.Advance(TimeSpan.FromSeconds(75));   // dramatiq.inspection.timeout is 60 s
        await Task.Delay(100);
        Assert.False(order.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(16));

        Assert.Equal(6, (await order).ExitCode);
    }

    [Fact]
    public async Task Something_else_at_the_address_must_be_told_from_a_management()
    {
        await using var host = await ManagementHost.StartAsync();

        var run = await new Typed(new Uri(host.Address, "elsewhere")).RunAsync("queue", "list");

        Assert.Equal(3, run.ExitCode);
        Assert.Contains($"There is no management of Dramatiq.Akka at {host.Address}elsewhere/.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_must_be_shown_and_never_echoed()
    {
        await using var host = await ManagementHost.StartAsync(
            static management => (management.Token, management.OrderToken) = (ReadToken, OrderToken), Reports.All());

        var none = await new Typed(host.Address).RunAsync("queue", "list");
        Assert.Equal(4, none.ExitCode);
        Assert.Contains("wants a token", none.Error, StringComparison.Ordinal);

        var wrong = await new Typed(host.Address).RunAsync("queue", "list", "--token", "wrong-token-of-some-length");
        Assert.Equal(4, wrong.ExitCode);
        Assert.Contains("does not accept this token", wrong.Error, StringComparison.Ordinal);

        var reader = new Typed(host.Address) { ["DRAMATIQ_TOKEN"] = ReadToken };
        Assert.Equal(0, (await reader.RunAsync("queue", "list")).ExitCode);
        var order = await reader.RunAsync("queue", "pause", "default");
        Assert.Equal(4, order.ExitCode);
        Assert.Contains("You may look, and not order", order.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await reader.RunAsync("queue", "pause", "default", "--token", OrderToken)).ExitCode);

        var broken = await new Typed(host.Address).RunAsync("queue", "list", "--token", "wrong-token\nof-some-length");
        Assert.Equal(2, broken.ExitCode);

        foreach (var run in new[] { none, wrong, order, broken, await reader.RunAsync("--help"), await reader.RunAsync("no", "such", "--token", "wrong-token-of-some-length") })
            Assert.DoesNotContain("token-of-some", run.Output + run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(InspectionFailure.Invalid, 2)]
    [InlineData(InspectionFailure.UnknownQueue, 5)]
    [InlineData(InspectionFailure.NotConsumedHere, 1)]
    [InlineData(InspectionFailure.NotSupported, 1)]
    [InlineData(InspectionFailure.BrokerAway, 1)]
    [InlineData(InspectionFailure.NotRunning, 1)]
    [InlineData(InspectionFailure.TimedOut, 1)]
    [InlineData(InspectionFailure.Internal, 1)]
    public async Task Refusals_must_have_their_exit_code_and_their_reason(InspectionFailure failure, int exitCode)
    {
        await using var host = await ManagementHost.StartAsync(inspection: new ScriptedInspection { Failure = new InspectionException(failure, "because\u001b[2J") });

        var run = await new Typed(host.Address).RunAsync("queue", "list");

        Assert.Equal((exitCode, ""), (run.ExitCode, run.Output));
        if (failure is not InspectionFailure.Internal)
            Assert.Contains("dramatiq: because\\x1b[2J", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', run.Error);
    }

    [Fact]
    public async Task What_is_not_there_must_be_5()
    {
        await using var host = await ManagementHost.StartAsync(inspection: Reports.All());
        var typed = new Typed(host.Address);

        Assert.Equal((5, "dramatiq: Queue 'nobody' is not declared."), await typed.RunAsync("queue", "show", "nobody") is var queue ? (queue.ExitCode, queue.Error.Trim()) : default);
        Assert.Equal(5, (await typed.RunAsync("message", "show", "nobody")).ExitCode);
    }

    [Theory]
    [InlineData("queue", "show")]
    [InlineData("queue", "show", "..")]
    [InlineData("queue", "purge", "default")]
    [InlineData("queue", "purge", "default", "--place", "inHand")]
    [InlineData("worker", "scale", "default", "many")]
    [InlineData("enqueue", "default", "add", "[]", "--delay", "5")]
    [InlineData("enqueue", "default", "add", "--option", "=3")]
    [InlineData("dead", "list", "default", "--died-until", "yesterday")]
    [InlineData("top", "--interval", "1ms")]
    [InlineData("queue", "list", "--timeout", "soon")]
    [InlineData("queue", "list", "--timeout", "60d")]
    [InlineData("queue", "list", "--url", "ftp://host")]
    [InlineData("queue", "list", "--url", "http://user:secret@host")]
    [InlineData("queue")]
    [InlineData("queue", "lst")]
    public async Task Wrong_command_line_must_be_2(params string[] args)
    {
        await using var host = await ManagementHost.StartAsync(inspection: Reports.All());

        var run = await new Typed(host.Address).RunAsync(args);

        Assert.Equal(2, run.ExitCode);
        Assert.NotEmpty(run.Output + run.Error);
        Assert.DoesNotContain("secret", run.Output + run.Error, StringComparison.Ordinal);
    }
}
