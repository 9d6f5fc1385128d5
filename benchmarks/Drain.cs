using System.Diagnostics;

namespace Dramatiq.Akka.Benchmarks;

/// <summary>How fast a full queue is drained: decoded, bound, sent through the default middleware, run, settled.</summary>
internal static class Drain
{
    private const int WarmUp = 300_000;

    public static async Task<WorkResult> RunAsync(WorkOptions options)
    {
        var (baseline, rate) = options.Raw
            ? await RawAsync(options)
            : ("bare chain of 8 actors per worker", await BareChain.MeasureAsync(Math.Max(options.Messages, 200_000), options.Concurrency));
        var counter = new Countdown();
        await using var host = await BenchmarkHost.StartAsync(options, "noop", (int n) => counter.Signal());
        await DrainAsync(host, counter, options.Broker == "memory" ? WarmUp : WarmUp / 10);
        var (seconds, bytes) = await DrainAsync(host, counter, options.Messages);
        return new WorkResult(options, seconds) { Baseline = baseline, BaselinePerSecond = rate, BytesPerMessage = bytes / options.Messages };
    }

    private static async Task<(string Name, double Rate)> RawAsync(WorkOptions options)
    {
        await using var raw = await RawClient.ConnectAsync(options.Broker);
        await raw.EnqueueRateAsync(WarmUp / 10);
        await raw.DrainRateAsync(WarmUp / 10, options.Concurrency);
        await raw.EnqueueRateAsync(options.Messages);
        return (raw.Name, await raw.DrainRateAsync(options.Messages, options.Concurrency));
    }

    private static async Task<(double Seconds, double Bytes)> DrainAsync(BenchmarkHost host, Countdown counter, int messages)
    {
        await host.Tasks.PauseQueueAsync(BenchmarkHost.Queue);
        await host.FillAsync("noop", messages);
        GC.Collect();
        PeakMemory.Reset();
        var allocated = GC.GetTotalAllocatedBytes();
        var done = counter.Start(messages);
        var clock = Stopwatch.StartNew();
        await host.Tasks.ResumeQueueAsync(BenchmarkHost.Queue);
        await done;
        return (clock.Elapsed.TotalSeconds, GC.GetTotalAllocatedBytes() - allocated);
    }
}

/// <summary>Completes a task when so many signals have come.</summary>
internal sealed class Countdown
{
    private int _left;
    private TaskCompletionSource _done = new();

    public Task Start(int count)
    {
        _done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _left, count);
        return _done.Task;
    }

    public void Signal()
    {
        if (Interlocked.Decrement(ref _left) == 0)
            _done.TrySetResult();
    }
}
