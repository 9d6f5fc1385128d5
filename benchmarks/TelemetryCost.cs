using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Dramatiq.Akka.Benchmarks;

/// <summary>What it costs a drain to be seen: the same queue drained in turns with OpenTelemetry collecting each metric every second and the dashboard open, and with nobody listening.</summary>
internal static class TelemetryCost
{
    private const int Rounds = 15;

    public static async Task<WorkResult> RunAsync(WorkOptions options)
    {
        var counter = new Countdown();
        await using var host = await BenchmarkHost.StartAsync(options, "noop", (int n) => counter.Signal());
        await Drain.DrainAsync(host, counter, Drain.WarmUp);
        await DrainAsync(host, counter, options.Messages, isHeard: true);
        var (heard, alone) = (new Cost[Rounds], new Cost[Rounds]);
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

    private static async Task<Cost> DrainAsync(BenchmarkHost host, Countdown counter, int messages, bool isHeard)
    {
        using var metrics = isHeard
            ? Sdk.CreateMeterProviderBuilder()
                .AddMeter(DramatiqTelemetry.MeterName)
                .AddReader(new PeriodicExportingMetricReader(new Nowhere(), exportIntervalMilliseconds: 1_000))
                .Build()
            : null;
        await using var page = isHeard ? await OpenPage.OpenAsync(host) : null;
        var before = Environment.CpuUsage.TotalTime;
        var seconds = (await Drain.DrainAsync(host, counter, messages)).Seconds;
        return new Cost(seconds, (Environment.CpuUsage.TotalTime - before).TotalSeconds);
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);

    /// <param name="Seconds">Of the drain.</param>
    /// <param name="CpuSeconds">Of the process, filling the queue included, which is the same in both.</param>
    private readonly record struct Cost(double Seconds, double CpuSeconds);

    private sealed class Nowhere : BaseExporter<Metric>
    {
        public override ExportResult Export(in Batch<Metric> batch) => ExportResult.Success;
    }
}
