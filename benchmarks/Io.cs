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

        await DrainAsync(await FilledAsync(host, Math.Max(2_000, options.Concurrency * 20)), counter, Math.Max(2_000, options.Concurrency * 20));
        await BaselineAsync(options, Math.Max(2_000, options.Concurrency * 20));
        var (bare, bareCpu) = await WithCpuAsync(() => BaselineAsync(options, options.Messages), options.Messages);
        var filled = await FilledAsync(host, options.Messages);
        var (seconds, cpu) = await WithCpuAsync(() => DrainAsync(filled, counter, options.Messages), options.Messages);
        return new WorkResult(options, seconds)
        {
            Baseline = options.Raw ? "the broker's client alone" : "the same waits on bare tasks",
            BaselineSeconds = bare,
            CpuMicroseconds = cpu,
            BaselineCpuMicroseconds = bareCpu,
        };
    }

    /// <summary>What the process's processors did for each message meanwhile: beside the wall clock, since other programs do not add to it.</summary>
    private static async Task<(double Seconds, double CpuMicroseconds)> WithCpuAsync(Func<Task<double>> work, int messages)
    {
        GC.Collect();
        var before = Environment.CpuUsage.TotalTime;
        var seconds = await work();
        return (seconds, (Environment.CpuUsage.TotalTime - before).TotalMicroseconds / messages);
    }

    private static async Task<BenchmarkHost> FilledAsync(BenchmarkHost host, int messages)
    {
        await host.Tasks.PauseQueueAsync(BenchmarkHost.Queue);
        await host.FillAsync("wait", messages);
        return host;
    }

    private static async Task<double> DrainAsync(BenchmarkHost host, Countdown counter, int messages)
    {
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
