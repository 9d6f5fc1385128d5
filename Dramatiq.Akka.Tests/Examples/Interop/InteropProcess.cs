using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Dramatiq.Akka.Tests.Examples.Interop;

/// <summary>The example, run as the program that it is.</summary>
internal sealed class InteropProcess : IAsyncDisposable
{
    private readonly Process _process;

    private InteropProcess(params string[] arguments) =>
        _process = Process.Start(new ProcessStartInfo("dotnet", ["exec", Checkout.Program("examples/Interop", "Interop.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    public static InteropProcess StartWorker(string broker, params string[] more)
    {
        var worker = new InteropProcess(["worker", "--broker", broker, .. more]);
        worker._process.OutputDataReceived += static (_, _) => { };
        worker._process.ErrorDataReceived += static (_, _) => { };
        worker._process.BeginOutputReadLine();
        worker._process.BeginErrorReadLine();
        return worker;
    }

    /// <summary>Runs the command to its end.</summary>
    public static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        await using var command = new InteropProcess(arguments);
        var (output, error) = (command._process.StandardOutput.ReadToEndAsync(), command._process.StandardError.ReadToEndAsync());
        await command._process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return (command._process.ExitCode, await output, await error);
    }

    /// <summary>Sends, and gives the id that it printed.</summary>
    public static async Task<string> SendAsync(string broker, params string[] order)
    {
        var (code, output, error) = await RunAsync(["send", "--broker", broker, .. order]);
        Assert.True(code == 0, error);
        return (string)JsonNode.Parse(Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)))!["message_id"]!;
    }

    /// <summary>Asks it to end, as a supervisor would.</summary>
    public async Task<int> TerminateAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]))
            await kill.WaitForExitAsync();
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync() => await _process.EndAsync();
}
