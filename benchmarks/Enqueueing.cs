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
        return new WorkResult(options, clock.Elapsed.TotalSeconds) { Baseline = raw is null ? null : "RabbitMQ.Client alone", BaselinePerSecond = raw };
    }

    private static async Task<double> RawAsync(WorkOptions options)
    {
        await using var raw = await RawRabbitMq.ConnectAsync(options.Broker);
        await raw.PublishAsync(20_000);
        return options.Messages / await raw.PublishAsync(options.Messages);
    }

    private static IEnumerable<object> Calls(int messages)
    {
        for (var i = 0; i < messages; i++)
            yield return new ActorCall("noop", i);
    }
}
