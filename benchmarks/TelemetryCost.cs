namespace Dramatiq.Akka.Benchmarks;

/// <summary>
/// What it costs a drain to be seen: the same queue drained in turns with Prometheus reading all metrics every second and the dashboard open, and with nobody listening. The first rounds
/// are not counted: what web server, pages and metrics compile at first, and compile again when they are used often, is paid once in a process's life and not for each message.
/// </summary>
internal static class TelemetryCost
{
    private const int WarmUps = 15;
    private const int Rounds = 25;

    public static async Task<WorkResult> RunAsync(WorkOptions options)
    {
        var counter = new Countdown();
        await using var host = await BenchmarkHost.StartAsync(options, "noop", (int n) => counter.Signal());
        await Drain.DrainAsync(host, counter, Drain.WarmUp);
        for (var round = 0; round < WarmUps; round++)
            await DrainAsync(host, counter, options.Messages, isHeard: true);
        var (heard, alone) = (new Drained[Rounds], new Drained[Rounds]);
        for (var round = 0; round < Rounds; round++)
        {
            // Who comes first alternates, since what else the machine does drifts.
            var heardFirst = round % 2 == 0;
            (heardFirst ? heard : alone)[round] = await DrainAsync(host, counter, options.Messages, heardFirst);
            (heardFirst ? alone : heard)[round] = await DrainAsync(host, counter, options.Messages, !heardFirst);
        }

        return new WorkResult(options, Median(heard.Select(static cost => cost.Seconds)))
        {
            Baseline = "the same with nobody listening",
            BaselinePerSecond = options.Messages / Median(alone.Select(static cost => cost.Seconds)),
            PairedRatio = Median(heard.Zip(alone, static (one, other) => other.Seconds / one.Seconds)),
            PairedCpuRatio = Median(heard.Zip(alone, static (one, other) => one.CpuSeconds / other.CpuSeconds)),
        };
    }

    private static async Task<Drained> DrainAsync(BenchmarkHost host, Countdown counter, int messages, bool isHeard)
    {
        await using var onlooker = isHeard ? await Onlooker.StartAsync(host) : null;
        return await Drain.DrainAsync(host, counter, messages);
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);
}
