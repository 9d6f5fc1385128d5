using System.Diagnostics;

namespace Dramatiq.Akka.Benchmarks;

/// <summary>What many workers on one queue cost to start and to keep.</summary>
internal static class Workers
{
    public static async Task<WorkResult> RunAsync(WorkOptions options)
    {
        // The first host pays for what any host costs; what the second takes more than the first is the workers'.
        await using (await StartAsync(options with { Concurrency = 1 }))
        {
        }

        var before = ResidentMemory.Settled();
        var clock = Stopwatch.StartNew();
        await using var host = await StartAsync(options);
        var start = clock.Elapsed.TotalSeconds;
        var memory = (ResidentMemory.Settled() - before) / 1_048_576d;
        return new WorkResult(options, clock.Elapsed.TotalSeconds) { StartSeconds = start, MemoryMb = memory };
    }

    /// <summary>Every worker has had a message, so every one has its stages and its handler.</summary>
    private static async Task<BenchmarkHost> StartAsync(WorkOptions options)
    {
        var counter = new Countdown();
        var done = counter.Start(options.Concurrency);
        var host = await BenchmarkHost.StartAsync(options, "hold", async (int n) =>
        {
            counter.Signal();
            await done;
        });
        await host.FillAsync("hold", options.Concurrency);
        await done;
        return host;
    }
}
