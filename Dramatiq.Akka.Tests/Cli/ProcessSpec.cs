using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Dramatiq.Akka.Cli;
using Dramatiq.Akka.Tests.EndToEnd;
using Dramatiq.Akka.Tests.Management;

namespace Dramatiq.Akka.Tests.Cli;

/// <summary>The program itself, as a process with pipes for its output.</summary>
public sealed class ProcessSpec
{
    [Fact]
    public async Task Program_must_answer_and_end_with_its_exit_code()
    {
        await using var host = await ManagementHost.StartAsync(inspection: Reports.All(Reports.Hostile));

        var list = await RunAsync(host.Address, "queue", "list", "--json");
        Assert.Equal((0, ""), (list.ExitCode, list.Error));
        Assert.Equal("default", (string?)JsonNode.Parse(list.Output)!["queues"]![0]!["queue"]);

        var top = await RunAsync(host.Address, "top");
        Assert.Equal(0, top.ExitCode);
        Assert.Contains("app@host:4711", top.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', top.Output);

        Assert.DoesNotContain('\u001b', (await RunAsync(host.Address, "message", "show", "7")).Output);
        Assert.Equal(2, (await RunAsync(host.Address, "dead", "delete", "default", "--all")).ExitCode);
        Assert.Equal(5, (await RunAsync(host.Address, "queue", "show", "nobody")).ExitCode);
        Assert.Equal(3, (await RunAsync(Typed.Nowhere, "queue", "list")).ExitCode);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Signal_must_end_a_command_that_waits(string signal)
    {
        if (OperatingSystem.IsWindows())
            return;   // there is no signal to send

        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var waiting = new Interruptible("dotnet", "exec", Program, "queue", "list", "--url", $"http://{silent.LocalEndpoint}/", "--timeout", "5m");
        using var asked = await silent.AcceptTcpClientAsync().WaitAsync(Eventually.Patience);
        waiting.Interrupt(signal);

        await waiting.Process.WaitForExitAsync().WaitAsync(Eventually.Patience);
        Assert.Equal((130, "", ""), (waiting.Process.ExitCode, await waiting.Process.StandardOutput.ReadToEndAsync(), await waiting.Process.StandardError.ReadToEndAsync()));
    }

    [Theory]
    [InlineData("bash", "COMP_CWORD")]
    [InlineData("zsh", "compdef")]
    [InlineData("fish", "complete --command")]
    [InlineData("pwsh", "Register-ArgumentCompleter")]
    public async Task Script_must_be_printed_for_each_shell(string shell, string word)
    {
        var script = await new Typed(null).RunAsync("completion", shell);

        Assert.Equal(0, script.ExitCode);
        Assert.Contains(word, script.Output, StringComparison.Ordinal);
        Assert.Contains("[suggest:", script.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bash_must_complete_by_the_script()
    {
        await using var host = await ManagementHost.StartAsync(inspection: Reports.All());
        var script = (await new Typed(null).RunAsync("completion", "bash")).Output;

        // bash as it is when somebody presses Tab behind "em"; again when the host did not answer in time, as somebody would.
        await Eventually.AssertAsync(async () => Assert.Equal("emails\n", (await ReadAsync(host.Address, "bash", "--norc", "-c", $$"""
            dramatiq() { dotnet exec '{{Program}}' "$@"; }
            {{script}}
            COMP_LINE="dramatiq queue show em" COMP_POINT=22 COMP_CWORD=3 COMP_WORDS=(dramatiq queue show em)
            _dramatiq
            printf '%s\n' "${COMPREPLY[@]}"
            """)).Output));
    }

    private static string Program => typeof(ExitCodes).Assembly.Location;

    private static Task<Typed.Run> RunAsync(Uri url, params string[] args) => ReadAsync(url, "dotnet", ["exec", Program, .. args]);

    private static async Task<Typed.Run> ReadAsync(Uri url, string program, params string[] args)
    {
        var start = new ProcessStartInfo(program, args) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DRAMATIQ_URL"] = url.ToString();
        start.Environment["XDG_CACHE_HOME"] = Path.Combine(AppContext.BaseDirectory, "cli-cache");
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var (output, error) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
        await process.WaitForExitAsync(patience.Token);
        return new Typed.Run(process.ExitCode, await output, await error);
    }
}
