using System.Diagnostics;

namespace Dramatiq.Akka.Benchmarks;

/// <summary>How long a message takes from the call that enqueues it to the start of its handler, when nothing else is to do.</summary>
internal static class Latency
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    public static async Task<WorkResult> RunAsync(WorkOptions options)
    {
        var times = new List<double>(options.Messages);
        var counter = new Countdown();
        await using var host = await BenchmarkHost.StartAsync(options, "stamp", (long sent) =>
        {
            var took = Stopwatch.GetElapsedTime(sent).TotalMilliseconds;
            lock (times)
                times.Add(took);
            counter.Signal();
        });

        var (baseline, raw) = options.Raw ? await RawAsync(options) : (null, null);
        await using var redis = options.Foreign ? await RawRedis.ConnectAsync(options.Broker) : null;
        Func<long, Task> send = options.Foreign
            ? sent => redis!.WriteAsPythonAsync(BenchmarkHost.Queue, "stamp", sent)
            : sent =>
            {
                host.Tasks.Gateway.Tell(new ActorCall("stamp", sent));
                return Task.CompletedTask;
            };
        await SendAsync(send, counter, 200);
        times.Clear();
        var clock = Stopwatch.StartNew();
        await SendAsync(send, counter, options.Messages);
        var seconds = clock.Elapsed.TotalSeconds;
        times.Sort();
        return new WorkResult(options, seconds)
        {
            P50Ms = times[times.Count / 2],
            P99Ms = times[(int)(times.Count * 0.99)],
            Baseline = baseline,
            BaselineP50Ms = raw?[raw.Count / 2],
            BaselineP99Ms = raw?[(int)(raw.Count * 0.99)],
        };
    }

    private static async Task<(string?, List<double>?)> RawAsync(WorkOptions options)
    {
        await using var raw = await RawClient.ConnectAsync(options.Broker);
        return (raw.Name, await raw.LatenciesAsync(options.Messages, Interval));
    }

    private static async Task SendAsync(Func<long, Task> send, Countdown counter, int messages)
    {
        var done = counter.Start(messages);
        using var timer = new PeriodicTimer(Interval);
        for (var i = 0; i < messages; i++)
        {
            await timer.WaitForNextTickAsync();
            await send(Stopwatch.GetTimestamp());
        }

        await done;
    }
}
