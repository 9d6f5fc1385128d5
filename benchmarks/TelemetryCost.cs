using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Dramatiq.Akka.Benchmarks;

/// <summary>What metrics cost a drain: the same queue drained in turns with OpenTelemetry collecting each metric every second, and with nobody listening.</summary>
internal static class TelemetryCost
{
    private const int Rounds = 7;

    public static async Task<WorkResult> RunAsync(WorkOptions options)
    {
        var counter = new Countdown();
        await using var host = await BenchmarkHost.StartAsync(options, "noop", (int n) => counter.Signal());
        await Drain.DrainAsync(host, counter, Drain.WarmUp);
        await HeardAsync(host, counter, options.Messages);
        var (heard, alone) = (new double[Rounds], new double[Rounds]);
        for (var round = 0; round < Rounds; round++)
        {
            // In turns, and the first of a round by turns too, since what else the machine does drifts.
            if (round % 2 == 0)
                heard[round] = await HeardAsync(host, counter, options.Messages);
            alone[round] = (await Drain.DrainAsync(host, counter, options.Messages)).Seconds;
            if (round % 2 == 1)
                heard[round] = await HeardAsync(host, counter, options.Messages);
        }

        return new WorkResult(options, Median(heard)) { Baseline = "the same with nobody listening", BaselinePerSecond = options.Messages / Median(alone) };
    }

    private static async Task<double> HeardAsync(BenchmarkHost host, Countdown counter, int messages)
    {
        using var metrics = Sdk.CreateMeterProviderBuilder()
            .AddMeter(DramatiqTelemetry.MeterName)
            .AddReader(new PeriodicExportingMetricReader(new Nowhere(), exportIntervalMilliseconds: 1_000))
            .Build();
        return (await Drain.DrainAsync(host, counter, messages)).Seconds;
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    private sealed class Nowhere : BaseExporter<Metric>
    {
        public override ExportResult Export(in Batch<Metric> batch) => ExportResult.Success;
    }
}
