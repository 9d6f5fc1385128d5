using System.Diagnostics;

namespace Dramatiq.Akka.Benchmarks;

/// <summary>Whether handlers that wait cost more than their waiting.</summary>
internal static class Io
{
    private const int WaitMs = 50;

    public static async Task<WorkResult> RunAsync(WorkOptions options)
    {
        var counter = new Countdown();
        await using var host = await BenchmarkHost.StartAsync(options, "wait", async (int n) =>
        {
            await Task.Delay(WaitMs);
            counter.Signal();
        });

        await DrainAsync(host, counter, Math.Max(2_000, options.Concurrency * 20));
        await BaselineAsync(options, Math.Max(2_000, options.Concurrency * 20));
        var bare = await BaselineAsync(options, options.Messages);
        var seconds = await DrainAsync(host, counter, options.Messages);
        return new WorkResult(options, seconds) { Baseline = options.Raw ? "the broker's client alone" : "the same waits on bare tasks", BaselineSeconds = bare };
    }

    private static async Task<double> DrainAsync(BenchmarkHost host, Countdown counter, int messages)
    {
        await host.Tasks.PauseQueueAsync(BenchmarkHost.Queue);
        await host.FillAsync("wait", messages);
        var done = counter.Start(messages);
        var clock = Stopwatch.StartNew();
        await host.Tasks.ResumeQueueAsync(BenchmarkHost.Queue);
        await done;
        return clock.Elapsed.TotalSeconds;
    }

    private static async Task<double> BaselineAsync(WorkOptions options, int messages)
    {
        if (!options.Raw)
            return await BareAsync(messages, options.Concurrency);

        await using var raw = await RawClient.ConnectAsync(options.Broker);
        return await raw.WaitSecondsAsync(messages, options.Concurrency, WaitMs);
    }

    private static async Task<double> BareAsync(int waits, int concurrency)
    {
        var left = waits;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, concurrency).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
                await Task.Delay(WaitMs);
        }));
        return clock.Elapsed.TotalSeconds;
    }
}
