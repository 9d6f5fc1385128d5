using System.Diagnostics;

namespace Dramatiq.Akka.Benchmarks;

/// <summary>How long a message takes from the call that enqueues it to the start of its handler, when nothing else is to do.</summary>
internal static class Latency
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    public static async Task<WorkResult> RunAsync(WorkOptions options)
    {
        var raw = options.Raw ? await RawAsync(options) : null;
        var times = new List<double>(options.Messages);
        var counter = new Countdown();
        await using var host = await BenchmarkHost.StartAsync(options, "stamp", (long sent) =>
        {
            var took = Stopwatch.GetElapsedTime(sent).TotalMilliseconds;
            lock (times)
                times.Add(took);
            counter.Signal();
        });

        await SendAsync(host, counter, 200);
        times.Clear();
        var clock = Stopwatch.StartNew();
        await SendAsync(host, counter, options.Messages);
        var seconds = clock.Elapsed.TotalSeconds;
        times.Sort();
        return new WorkResult(options, seconds) { P50Ms = times[times.Count / 2], P99Ms = times[(int)(times.Count * 0.99)], Baseline = raw is null ? null : "RabbitMQ.Client alone", BaselineP50Ms = raw?[raw.Count / 2], BaselineP99Ms = raw?[(int)(raw.Count * 0.99)] };
    }

    private static async Task<List<double>> RawAsync(WorkOptions options)
    {
        await using var raw = await RawRabbitMq.ConnectAsync(options.Broker);
        await raw.LatencyAsync(200, Interval);
        return await raw.LatencyAsync(options.Messages, Interval);
    }

    private static async Task SendAsync(BenchmarkHost host, Countdown counter, int messages)
    {
        var done = counter.Start(messages);
        using var timer = new PeriodicTimer(Interval);
        for (var i = 0; i < messages; i++)
        {
            await timer.WaitForNextTickAsync();
            host.Tasks.Gateway.Tell(new ActorCall("stamp", Stopwatch.GetTimestamp()));
        }

        await done;
    }
}
