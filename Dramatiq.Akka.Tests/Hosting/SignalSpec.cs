using System.Diagnostics;
using System.Globalization;

namespace Dramatiq.Akka.Tests.Hosting;

/// <summary>A real process and real signals.</summary>
public sealed class SignalSpec
{
    private static readonly TimeSpan Soon = EndToEnd.Eventually.Patience;

    private static Process Start(string argument = "")
    {
        var program = Checkout.Program("Dramatiq.Akka.Tests.Process", "Dramatiq.Akka.Tests.Process.dll");
        return Process.Start(new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet", $"exec \"{program}\" {argument}")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
    }

    private static async Task SignalAsync(Process process)
    {
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    [Fact]
    public async Task First_signal_must_let_the_handler_finish_and_exit_with_0()
    {
        using var process = Start();
        Assert.Equal("running", await process.StandardOutput.ReadLineAsync().WaitAsync(Soon));
        await SignalAsync(process);
        Assert.Equal("stopping", await process.StandardOutput.ReadLineAsync().WaitAsync(Soon));
        await process.StandardInput.WriteLineAsync("go on");
        Assert.Equal("finished", await process.StandardOutput.ReadLineAsync().WaitAsync(Soon));
        await process.WaitForExitAsync().WaitAsync(Soon);
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task Second_signal_must_end_the_process_at_once()
    {
        using var process = Start();
        Assert.Equal("running", await process.StandardOutput.ReadLineAsync().WaitAsync(Soon));
        await SignalAsync(process);
        // Not before the first has been heard: signals of one kind do not queue up.
        Assert.Equal("stopping", await process.StandardOutput.ReadLineAsync().WaitAsync(Soon));
        await SignalAsync(process);
        await process.WaitForExitAsync().WaitAsync(Soon);
        Assert.NotEqual(0, process.ExitCode);
        Assert.Equal("", await process.StandardOutput.ReadToEndAsync());
    }

    [Fact]
    public async Task Bad_setting_must_end_the_process_with_its_message()
    {
        using var process = Start("bad-setting");
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Soon);
        Assert.NotEqual(0, process.ExitCode);
        Assert.Contains("dramatiq.consumer.max-deliveries must be a whole number of 1 or more, was '-1'.", await error, StringComparison.Ordinal);
    }
}
