using System.Collections.Concurrent;
using System.Diagnostics;
using Dramatiq.Akka.Brokers.Redis;
using Dramatiq.Akka.Results;

namespace Dramatiq.Akka.Benchmarks;

/// <summary>How long a result takes from the call that stores it to whoever awaits it, when thousands are awaited at once.</summary>
internal static class Results
{
    public static async Task<WorkResult> RunAsync(WorkOptions options)
    {
        var timed = new ConcurrentDictionary<string, long>();
        await using var host = await BenchmarkHost.StartAsync(options, "square", static (long n) => n * n, d => d
            .AddResults(system => new TimedResults(BackendFor(options, system), timed))
            .AddActor("stored", static (long n) => n * n, static o => o.Queue(BenchmarkHost.Queue).StoreResults().ResultTtl(TimeSpan.FromMinutes(1))));
        await AwaitAllAsync(host, timed, options.Messages);
        var (seconds, latencies) = await AwaitAllAsync(host, timed, options.Messages);
        latencies.Sort();
        return new WorkResult(options, seconds) { P50Ms = latencies[latencies.Count / 2], P99Ms = latencies[latencies.Count * 99 / 100] };
    }

    /// <summary>Where results go: with the broker, as its own connections.</summary>
    public static IResultBackend BackendFor(WorkOptions options, ActorSystem system) => options.Broker.StartsWith("redis", StringComparison.Ordinal)
        ? new RedisResultBackend(new RedisResultSettings(system.Settings.Config), RedisLinks.Get(system), system.Log)
        : new InMemoryResultBackend();

    private static async Task<(double Seconds, List<double> LatenciesMs)> AwaitAllAsync(BenchmarkHost host, ConcurrentDictionary<string, long> timed, int messages)
    {
        await host.Tasks.PauseQueueAsync(BenchmarkHost.Queue);
        var enqueued = await host.TaskQueue.EnqueueManyAsync(Enumerable.Range(0, messages).Select(static n => new ActorCall("stored", n)));
        var waits = enqueued.Select((one, n) => AwaitAsync(one, n, timed)).ToArray();
        await Task.Delay(TimeSpan.FromSeconds(1));   // every question is with the server
        var clock = Stopwatch.StartNew();
        await host.Tasks.ResumeQueueAsync(BenchmarkHost.Queue);
        var latencies = await Task.WhenAll(waits);
        return (clock.Elapsed.TotalSeconds, [.. latencies]);
    }

    private static async Task<double> AwaitAsync(Enqueued enqueued, long n, ConcurrentDictionary<string, long> timed)
    {
        var square = await enqueued.GetResultAsync<long>(TimeSpan.FromMinutes(1));
        var returned = Stopwatch.GetTimestamp();
        return square == n * n
            ? Stopwatch.GetElapsedTime(timed[enqueued.MessageId], returned).TotalMilliseconds
            : throw new InvalidOperationException($"The square of {n} came back as {square}.");
    }

    /// <summary>Notes when each result was handed to the store: before the call, so that the figure holds its way there too.</summary>
    private sealed class TimedResults(IResultBackend backend, ConcurrentDictionary<string, long> timed) : IResultBackend
    {
        public ValueTask StoreAsync(ResultKey key, ReadOnlyMemory<byte> json, TimeSpan ttl, CancellationToken cancellationToken) => StoreManyAsync([new(key, json, ttl)], cancellationToken);

        public ValueTask StoreManyAsync(IReadOnlyList<ResultToStore> results, CancellationToken cancellationToken)
        {
            var now = Stopwatch.GetTimestamp();
            foreach (var result in results)
                timed[result.Key.MessageId] = now;
            return backend.StoreManyAsync(results, cancellationToken);
        }

        public ValueTask<ReadOnlyMemory<byte>?> FindAsync(ResultKey key, CancellationToken cancellationToken) => backend.FindAsync(key, cancellationToken);

        public Task<ReadOnlyMemory<byte>> WaitAsync(ResultKey key, CancellationToken cancellationToken) => backend.WaitAsync(key, cancellationToken);

        public ValueTask DisposeAsync() => backend.DisposeAsync();
    }
}
