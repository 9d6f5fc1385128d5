using System.Diagnostics;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Management.Hosting;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Benchmarks;

/// <summary>How long each page of the dashboard takes while a queue is full, with a dead letter for each ten messages that wait. The slowest page counts.</summary>
internal static class Dashboard
{
    private const string Actor = "full";
    private const int WarmUps = 5;
    private const int Visits = 40;

    public static async Task<WorkResult> RunAsync(WorkOptions options)
    {
        await using var host = await BenchmarkHost.StartAsync(options, Actor, static void (int x) => throw new InvalidOperationException("as ordered"));
        var inspection = host.Tasks.Inspection;
        await FillAsync(host, options.Messages / 10);
        while ((await inspection.AskAsync(new GetQueue(BenchmarkHost.Queue))).Dead < options.Messages / 10)
            await Task.Delay(100);
        await inspection.AskAsync(new PauseQueue(BenchmarkHost.Queue));
        await FillAsync(host, options.Messages);

        var settings = new ManagementOptions { Port = 0 };
        await using var listener = await ManagementListener.StartAsync(new ManagementSite(host.System, settings, host.Services)) ?? throw new InvalidOperationException("The management did not start.");
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = listener.Address };
        var queue = BenchmarkHost.Queue;
        // From the middle, where the broker can page so far.
        var middle = (await inspection.AskAsync(new GetMessages(queue, MessagePlace.Dead, options.Messages / 20, 1))).Messages;
        var id = (middle.Count > 0 ? middle : (await inspection.AskAsync(new GetMessages(queue, MessagePlace.Dead, 0, 1))).Messages)[0].Key;
        var slowest = (P50: 0.0, P99: 0.0);
        var clock = Stopwatch.StartNew();
        foreach (var page in new[]
        {
            "", $"queues/{queue}", $"queues/{queue}?offset={options.Messages / 2}", $"queues/{queue}?place=delayed", $"queues/{queue}?place=inHand", $"queues/{queue}?place=dead&offset={options.Messages / 20}",
            $"dead?queue={queue}", $"dead?queue={queue}&reason=as", $"dead?queue={queue}&reason=nowhere", $"message?queue={queue}&place=dead&id={id}", "workers", "actors",
        })
        {
            var (p50, p99) = await VisitAsync(client, page);
            await Console.Error.WriteLineAsync($"/{page.Replace(queue, "QUEUE", StringComparison.Ordinal).Replace(id, "ID", StringComparison.Ordinal)}: p50 {p50:0.0} ms, p99 {p99:0.0} ms");
            slowest = (Math.Max(slowest.P50, p50), Math.Max(slowest.P99, p99));
        }

        var seconds = clock.Elapsed.TotalSeconds;
        await inspection.AskAsync(new PurgeQueue(queue, MessagePlace.Ready));
        await inspection.AskAsync(new PurgeQueue(queue, MessagePlace.Dead));
        return new WorkResult(options, seconds) { P50Ms = slowest.P50, P99Ms = slowest.P99 };
    }

    private static async Task<(double P50, double P99)> VisitAsync(HttpClient client, string page)
    {
        var times = new double[Visits];
        for (var visit = -WarmUps; visit < Visits; visit++)
        {
            var started = Stopwatch.GetTimestamp();
            using var answer = await client.GetAsync(new Uri(page, UriKind.Relative));
            answer.EnsureSuccessStatusCode();
            if (visit >= 0)
                times[visit] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }

        Array.Sort(times);
        return (times[Visits / 2], times[Visits - 1]);
    }

    private static async Task FillAsync(BenchmarkHost host, int messages)
    {
        var options = MessageOptions.Empty.With(OptionNames.MaxRetries, 0);
        foreach (var numbers in Enumerable.Range(0, messages).Chunk(1_000))
        {
            Publication[] batch =
                [.. numbers.Select(number => new Publication(new Message(BenchmarkHost.Queue, Actor, System.Text.Encoding.ASCII.GetBytes($"[{number}]"), "{}"u8.ToArray(), options, Message.NewId(), 1_795_354_555_834), null))];
            if (!(await host.Tasks.Broker.PublishAsync(batch, CancellationToken.None)).AllConfirmed)
                throw new InvalidOperationException("The broker did not confirm.");
        }
    }
}
