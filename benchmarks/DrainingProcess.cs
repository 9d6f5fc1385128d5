using System.Diagnostics;
using System.Text.Json;

namespace Dramatiq.Akka.Benchmarks;

/// <summary>What draining a full queue took.</summary>
/// <param name="Seconds">From resuming the queue to the last message.</param>
/// <param name="Bytes">Allocated meanwhile.</param>
/// <param name="CpuSeconds">User and system time of the process meanwhile.</param>
/// <param name="PeakRssMb">The most memory that was resident meanwhile.</param>
internal sealed record Drained(double Seconds, double Bytes, double CpuSeconds, double PeakRssMb);

/// <summary>A worker in a process of its own, so that filling the queue and the baseline are neither in its memory nor in its processor time.</summary>
internal sealed class DrainingProcess : IAsyncDisposable
{
    /// <summary>The command that runs it: its arguments are the broker, the queue and the concurrency.</summary>
    public const string Command = "draining-process";

    private readonly Process _process;

    private DrainingProcess(Process process) => _process = process;

    /// <summary>Starts it, with its queue paused.</summary>
    public static async Task<DrainingProcess> StartAsync(WorkOptions options)
    {
        string[] command = ["exec", typeof(DrainingProcess).Assembly.Location, Command, options.Broker, BenchmarkHost.Queue, $"{options.Concurrency}"];
        var worker = new DrainingProcess(Process.Start(new ProcessStartInfo("dotnet", command) { RedirectStandardInput = true, RedirectStandardOutput = true })!);
        await worker.ReadAsync();
        return worker;
    }

    /// <summary>Drains what is in the queue, and pauses again.</summary>
    public async Task<Drained> DrainAsync(int messages)
    {
        await _process.StandardInput.WriteLineAsync($"{messages}");
        return JsonSerializer.Deserialize<Drained>(await ReadAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>The process: for each number that comes in it drains so many messages.</summary>
    public static async Task<int> RunAsync(string broker, string queue, string concurrency)
    {
        BenchmarkHost.Join(queue);
        var counter = new Countdown();
        var options = new WorkOptions("drain", broker, 0, int.Parse(concurrency, System.Globalization.CultureInfo.InvariantCulture));
        await using var host = await BenchmarkHost.StartAsync(options, "noop", (int n) => counter.Signal());
        await PauseAsync(host);
        Console.WriteLine("paused");
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var drained = await MeasureAsync(host, counter, int.Parse(line, System.Globalization.CultureInfo.InvariantCulture));
            await PauseAsync(host);
            Console.WriteLine(JsonSerializer.Serialize(drained));
        }

        return 0;
    }

    /// <summary>Resumes the queue, and waits until so many messages have run.</summary>
    public static async Task<Drained> MeasureAsync(BenchmarkHost host, Countdown counter, int messages)
    {
        GC.Collect();
        PeakMemory.Reset();
        var allocated = GC.GetTotalAllocatedBytes();
        var cpu = Environment.CpuUsage.TotalTime;
        var done = counter.Start(messages);
        var clock = Stopwatch.StartNew();
        host.Tasks.ResumeQueue(BenchmarkHost.Queue);
        await done;
        return new Drained(clock.Elapsed.TotalSeconds, GC.GetTotalAllocatedBytes() - allocated, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds, PeakMemory.Read());
    }

    public static Task PauseAsync(BenchmarkHost host)
    {
        host.Tasks.PauseQueue(BenchmarkHost.Queue);
        return Quiet.AfterPauseAsync(host.Tasks);
    }

    private async Task<string> ReadAsync() =>
        await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The draining process ended.");
}
