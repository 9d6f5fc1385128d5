using System.Diagnostics;

namespace Dramatiq.Akka.Benchmarks;

/// <summary>How fast the gateway enqueues, each message confirmed by the broker.</summary>
internal static class Enqueueing
{
    public static async Task<WorkResult> RunAsync(WorkOptions options)
    {
        var raw = options.Raw ? await RawAsync(options) : (double?)null;
        await using var host = await BenchmarkHost.StartAsync(options with { Concurrency = 1 }, "noop", static (int n) => { });
        host.Tasks.PauseQueue(BenchmarkHost.Queue);
        await host.TaskQueue.EnqueueManyAsync(Calls(50_000));
        var clock = Stopwatch.StartNew();
        await host.TaskQueue.EnqueueManyAsync(Calls(options.Messages));
        return new WorkResult(options, clock.Elapsed.TotalSeconds) { Baseline = raw is null ? null : "StackExchange.Redis alone", BaselinePerSecond = raw };
    }

    private static async Task<double> RawAsync(WorkOptions options)
    {
        await using var redis = await RawRedis.ConnectAsync(options.Broker);
        await redis.EnqueueAsync(50_000);
        var rate = await redis.EnqueueAsync(options.Messages);
        await redis.DrainAsync(50_000 + options.Messages);
        return rate;
    }

    private static IEnumerable<object> Calls(int messages)
    {
        for (var i = 0; i < messages; i++)
            yield return new ActorCall("noop", i);
    }
}
