namespace Dramatiq.Akka.Benchmarks;

/// <summary>How fast a full queue is drained: decoded, bound, sent through the default middleware, run, settled.</summary>
internal static class Drain
{
    public const int WarmUp = 300_000;

    public static async Task<WorkResult> RunAsync(WorkOptions options)
    {
        if (options.Results)
            return await WithResultsAsync(options);

        var (baseline, rate, cpu) = options.Raw
            ? await RawAsync(options)
            : ("bare chain of 8 actors per worker", await BareChain.MeasureAsync(Math.Max(options.Messages, 200_000), options.Concurrency), (double?)null);
        var drained = options.Broker == "memory" ? await HereAsync(options) : await ThereAsync(options);
        return new WorkResult(options, drained.Seconds)
        {
            Baseline = baseline,
            BaselinePerSecond = rate,
            BytesPerMessage = drained.Bytes / options.Messages,
            CpuMicrosPerMessage = drained.CpuSeconds * 1e6 / options.Messages,
            BaselineCpuMicrosPerMessage = cpu,
            PeakRssMb = drained.PeakRssMb,
        };
    }

    private static async Task<Drained> HereAsync(WorkOptions options)
    {
        var counter = new Countdown();
        await using var host = await BenchmarkHost.StartAsync(options, "noop", (int n) => counter.Signal());
        await DrainingProcess.PauseAsync(host);
        await host.FillAsync("noop", WarmUp);
        await DrainingProcess.MeasureAsync(host, counter, WarmUp);
        await DrainingProcess.PauseAsync(host);
        await host.FillAsync("noop", options.Messages);
        return await DrainingProcess.MeasureAsync(host, counter, options.Messages);
    }

    /// <summary>This process fills the queue, and one of its own drains it.</summary>
    private static async Task<Drained> ThereAsync(WorkOptions options)
    {
        await using var filler = await BenchmarkHost.StartAsync(options, "noop", handler: null);
        await using var worker = await DrainingProcess.StartAsync(options);
        await filler.FillAsync("noop", WarmUp / 3);
        await worker.DrainAsync(WarmUp / 3);
        await filler.FillAsync("noop", options.Messages);
        return await worker.DrainAsync(options.Messages);
    }

    /// <summary>With and without in turns, in one process, so that neither has the warmer code or the better moment of the machine. The handlers return the same.</summary>
    private static async Task<WorkResult> WithResultsAsync(WorkOptions options)
    {
        const int turns = 3;
        var counter = new Countdown();
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

    /// <summary>Fills the paused queue and drains it, both in this process.</summary>
    public static async Task<Drained> DrainAsync(BenchmarkHost host, Countdown counter, int messages, string actor = "noop")
    {
        await DrainingProcess.PauseAsync(host);
        await host.FillAsync(actor, messages);
        return await DrainingProcess.MeasureAsync(host, counter, messages);
    }

    private static async Task<(string Name, double Rate, double? Cpu)> RawAsync(WorkOptions options)
    {
        await using var raw = await RawClient.ConnectAsync(options.Broker);
        await raw.EnqueueRateAsync(WarmUp / 3);
        await raw.DrainRateAsync(WarmUp / 3, options.Concurrency);
        await raw.EnqueueRateAsync(options.Messages);
        var cpu = Environment.CpuUsage.TotalTime;
        var rate = await raw.DrainRateAsync(options.Messages, options.Concurrency);
        return (raw.Name, rate, (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / options.Messages);
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
