using System.Diagnostics;

namespace Dramatiq.Akka.Benchmarks;

/// <summary>
/// What messages that are due in an hour cost the process that has sent them and will run them: resident memory after, less resident memory before, of a process that has done the same work already.
/// They stay at the broker until they are due: use one that nobody else does.
/// </summary>
internal static class Delayed
{
    private const int WarmUp = 20_000;
    private static readonly TimeSpan Delay = TimeSpan.FromHours(1);

    public static async Task<WorkResult> RunAsync(WorkOptions options)
    {
        await using var host = await BenchmarkHost.StartAsync(options, "noop", static (int n) => { });
        await host.TaskQueue.EnqueueManyAsync(Calls(WarmUp));
        var before = ResidentMemory.Settled();
        PeakMemory.Reset();
        var clock = Stopwatch.StartNew();
        await host.TaskQueue.EnqueueManyAsync(Calls(options.Messages));
        var seconds = clock.Elapsed.TotalSeconds;
        await Task.Delay(TimeSpan.FromSeconds(3));   // what the worker may take of the delay queue, it has taken
        return new WorkResult(options, seconds) { MemoryMb = (ResidentMemory.Settled() - before) / 1_048_576d };
    }

    private static IEnumerable<object> Calls(int messages)
    {
        for (var i = 0; i < messages; i++)
            yield return new Enqueue(new ActorCall("noop", i)) { Delay = Delay };
    }
}
