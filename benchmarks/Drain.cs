using System.Diagnostics;

namespace Dramatiq.Akka.Benchmarks;

/// <summary>How fast a full queue is drained: decoded, bound, sent through the default middleware, run, settled.</summary>
internal static class Drain
{
    private const int WarmUp = 300_000;

    public static async Task<WorkResult> RunAsync(WorkOptions options)
    {
        var counter = new Countdown();
        if (options.Results)
            return await WithResultsAsync(options, counter);

        var (baseline, rate) = options.Raw
            ? await RawAsync(options)
            : ("bare chain of 8 actors per worker", await BareChain.MeasureAsync(Math.Max(options.Messages, 200_000), options.Concurrency));
        await using var host = await BenchmarkHost.StartAsync(options, "noop", (int n) => counter.Signal());
        await DrainAsync(host, counter, options.Broker == "memory" ? WarmUp : WarmUp / 10);
        var (seconds, bytes) = await DrainAsync(host, counter, options.Messages);
        return new WorkResult(options, seconds) { Baseline = baseline, BaselinePerSecond = rate, BytesPerMessage = bytes / options.Messages };
    }

    /// <summary>With and without in turns, in one process, so that neither has the warmer code or the better moment of the machine. The handlers return the same.</summary>
    private static async Task<WorkResult> WithResultsAsync(WorkOptions options, Countdown counter)
    {
        const int turns = 3;
        int Run(int n)
        {
            counter.Signal();
            return n;
        }

        await using var host = await BenchmarkHost.StartAsync(options, "noop", Run, d => d
            .AddResults(system => Results.BackendFor(options, system))
            .AddActor("stored", Run, static o => o.Queue(BenchmarkHost.Queue).StoreResults()));
        var (without, with) = (0.0, 0.0);
        for (var turn = 0; turn <= turns; turn++)
        {
            var messages = turn == 0 ? WarmUp / 10 : options.Messages;
            var plain = (await DrainAsync(host, counter, messages, "noop")).Seconds;
            var stored = (await DrainAsync(host, counter, messages, "stored")).Seconds;
            if (turn > 0)
                (without, with) = (without + plain / turns, with + stored / turns);
        }

        return new WorkResult(options, with) { Baseline = "the same without results", BaselinePerSecond = options.Messages / without };
    }

    private static async Task<(string Name, double Rate)> RawAsync(WorkOptions options)
    {
        await using var raw = await RawClient.ConnectAsync(options.Broker);
        await raw.EnqueueRateAsync(WarmUp / 10);
        await raw.DrainRateAsync(WarmUp / 10, options.Concurrency);
        await raw.EnqueueRateAsync(options.Messages);
        return (raw.Name, await raw.DrainRateAsync(options.Messages, options.Concurrency));
    }

    private static async Task<(double Seconds, double Bytes)> DrainAsync(BenchmarkHost host, Countdown counter, int messages, string actor = "noop")
    {
        host.Tasks.PauseQueue(BenchmarkHost.Queue);
        await Quiet.AfterPauseAsync(host.Tasks);
        await host.FillAsync(actor, messages);
        GC.Collect();
        PeakMemory.Reset();
        var allocated = GC.GetTotalAllocatedBytes();
        var done = counter.Start(messages);
        var clock = Stopwatch.StartNew();
        host.Tasks.ResumeQueue(BenchmarkHost.Queue);
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
