using System.Diagnostics;

namespace Dramatiq.Akka.Tests;

/// <summary>
/// A process that a test interrupts. A shell starts what runs in its background with SIGINT ignored, children inherit that, and then nothing could be tested: so the
/// signal is given its usual meaning first. Disposing it kills what still runs.
/// </summary>
internal sealed class Interruptible : IDisposable
{
    public Interruptible(string program, params string[] arguments)
    {
        string[] all = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT", program, .. arguments] : [program, .. arguments];
        Process = Process.Start(new ProcessStartInfo(all[0], all[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Checkout.Root,
        })!;
    }

    public Process Process { get; }

    public void Interrupt(string signal = "INT") => Process.Start("kill", [$"-{signal}", $"{Process.Id}"]).Dispose();

    public void Dispose()
    {
        if (!Process.HasExited)
            Process.Kill(entireProcessTree: true);
        Process.Dispose();
    }
}
