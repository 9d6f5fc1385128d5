using System.Diagnostics;
using Akka.Hosting;
using Dramatiq.Akka.Brokers.Redis;
using Dramatiq.Akka.Messages;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dramatiq.Akka.Tests.Brokers.Redis;

/// <summary>
/// A worker that can be killed: this assembly, started as a program. Its actor <c>note</c> writes its argument down, and <c>hang</c> says that it has begun and never ends. It stores results and counts
/// groups; when the callbacks of one are published it can say so and stop there.
/// </summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    /// <summary>How long a slot of a killed worker stays taken.</summary>
    public static readonly TimeSpan LimitLease = TimeSpan.FromSeconds(12);

    private readonly Process _process;

    private WorkerProcess(Process process) => _process = process;

    public int ExitCode => _process.ExitCode;

    public static WorkerProcess Start(string url, string ns, TimeSpan heartbeatTimeout, bool stopsBeforeMark = false)
    {
        var assembly = typeof(WorkerProcess).Assembly.Location;
        return new WorkerProcess(Process.Start(new ProcessStartInfo("dotnet", ["exec", assembly, url, ns, $"{heartbeatTimeout.TotalMilliseconds}", $"{stopsBeforeMark}"])
        {
            RedirectStandardOutput = true,
        })!);
    }

    /// <summary>The limit of the actor <c>alone</c>, which says that it has begun, and never ends.</summary>
    public static RateLimit AloneOf(string ns) => RateLimit.Concurrent(ns + ":alone");

    /// <summary>The program.</summary>
    public static async Task Main(string[] args)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        var options = new RedisOptions { Url = args[0], Namespace = args[1], HeartbeatTimeout = TimeSpan.FromMilliseconds(double.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture)) };
        RedisHost.Configure(builder, options, d =>
        {
            d.AddActor("note", async (int n) =>
            {
                Console.WriteLine($"note {n}");
                await Task.Delay(5);
            }, static o => o.Queue("q"));
            d.AddActor("hang", async (CancellationToken cancellation) =>
            {
                Console.WriteLine("hang");
                await Task.Delay(Timeout.Infinite, cancellation);
            }, static o => o.Queue("q"));
            d.Options.RateLimitLease = LimitLease;
            d.AddActor("alone", async (int n) =>
            {
                Console.WriteLine($"alone {n}");
                await Task.Delay(Timeout.Infinite);
            }, o => o.Queue("q").RateLimit(AloneOf(args[1])));
        }, akka =>
        {
            akka.WithRedisResults(args[0]);
            if (bool.Parse(args[3]))
                akka.AddSetup(new RateLimitsSetup(system => StoppingBackend.Around(new RedisRateLimiterBackend(system, new RedisOptions { Url = args[0] }))));
        });
        Console.WriteLine("ready");
        await builder.Build().RunAsync();
    }

    /// <summary>The next line that it writes; null when it has ended.</summary>
    public async Task<string?> ReadLineAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return await _process.StandardOutput.ReadLineAsync(deadline.Token);
    }

    public void Kill() => _process.Kill();

    /// <summary>Asks it to end, as a supervisor would.</summary>
    public async Task TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    public Task WaitForExitAsync() => _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));

    public async ValueTask DisposeAsync() => await _process.EndAsync();
}
