using System.Diagnostics;

namespace Dramatiq.Akka.Benchmarks;

/// <summary>What the process holds of the machine's memory: all of it, not only what the garbage collector counts.</summary>
internal static class ResidentMemory
{
    /// <summary>In bytes, once garbage is gone.</summary>
    public static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
