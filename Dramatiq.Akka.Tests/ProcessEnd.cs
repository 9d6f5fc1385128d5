using System.Diagnostics;

namespace Dramatiq.Akka.Tests;

internal static class ProcessEnd
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Kills what still runs of it, and disposes it.</summary>
    public static async Task EndAsync(this Process process)
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            // Its output is waited for as well, and what it started and left may hold that open.
        }

        process.Dispose();
    }
}
