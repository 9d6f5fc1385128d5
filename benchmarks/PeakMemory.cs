using System.Globalization;

namespace Dramatiq.Akka.Benchmarks;

/// <summary>The high-water mark of resident memory, as the kernel keeps it.</summary>
internal static class PeakMemory
{
    /// <summary>Forgets the mark so far, so that filling a queue does not count as draining it.</summary>
    public static void Reset() => File.WriteAllText("/proc/self/clear_refs", "5");

    /// <summary>The mark, in MB.</summary>
    public static double Read()
    {
        var line = File.ReadLines("/proc/self/status").FirstOrDefault(static line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        var kilobytes = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return kilobytes is null ? 0 : Math.Round(double.Parse(kilobytes, CultureInfo.InvariantCulture) / 1024, 1);
    }
}
