using System.Diagnostics;

namespace Dramatiq.Akka.Benchmarks;

/// <summary>How fast the gateway enqueues, each message confirmed by the broker.</summary>
internal static class Enqueueing
{
    public static async Task<WorkResult> RunAsync(WorkOptions options)
    {
        var (baseline, rate) = options.Raw ? await RawAsync(options) : (null, (double?)null);
        await using var host = await BenchmarkHost.StartAsync(options with { Concurrency = 1 }, "noop", static (int n) => { });
        await host.Tasks.PauseQueueAsync(BenchmarkHost.Queue);
        await host.TaskQueue.EnqueueManyAsync(Calls(50_000));
        var clock = Stopwatch.StartNew();
        await host.TaskQueue.EnqueueManyAsync(Calls(options.Messages));
        return new WorkResult(options, clock.Elapsed.TotalSeconds) { Baseline = baseline, BaselinePerSecond = rate };
    }

    private static async Task<(string?, double?)> RawAsync(WorkOptions options)
    {
        await using var raw = await RawClient.ConnectAsync(options.Broker);
        await raw.EnqueueRateAsync(20_000);
        var rate = await raw.EnqueueRateAsync(options.Messages);
        await raw.DrainRateAsync(20_000 + options.Messages, options.Concurrency);
        return (raw.Name, rate);
    }

    private static IEnumerable<object> Calls(int messages)
    {
        for (var i = 0; i < messages; i++)
            yield return new ActorCall("noop", i);
    }
}
