using Akka.Hosting;
using Dramatiq.Akka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CountWords;

/// <summary>A host with a worker in it: a group with one task for each file goes in, its results come out.</summary>
internal static class Counting
{
    private const string Quiet = "akka { loglevel = OFF, stdout-loglevel = OFF, log-dead-letters = off }";

    /// <returns>The counts in the order of the files; null when it was interrupted.</returns>
    public static async Task<IReadOnlyList<FileCount>?> RunAsync(IReadOnlyList<string> files, CancellationToken cancellation)
    {
        if (files.Count == 0)
            return [];

        var progress = new Progress(files.Count, files.Sum(LengthOf));
        using var host = CreateHost(progress);
        await host.StartAsync(cancellation);

        // Ctrl-C stops the host, which cancels the handlers, since the task asks for that with NotifyShutdown.
        var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellation);
        try
        {
            var group = Group.Of(files.Select(static path => new CountWords(path))).StoreResults();
            var run = await host.Services.GetRequiredService<ITaskQueue>().RunAsync(group, either.Token);
            var gathering = GatherAsync(run, files, progress, either.Token);
            await Display.ShowAsync(progress, gathering, either.Token);
            return await gathering;
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
        {
            return null;   // the store of results closes with the actor system, perhaps before the host says that it stops
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
    }

    private static async Task<IReadOnlyList<FileCount>> GatherAsync(GroupRun run, IReadOnlyList<string> files, Progress progress, CancellationToken cancellation)
    {
        var counts = new FileCount[files.Count];
        await foreach (var ended in run.GetResultsAsEndedAsync<WordCount>(Timeout.InfiniteTimeSpan, cancellation))
        {
            counts[ended.Index] = FileCount.Of(files[ended.Index], ended);
            progress.AddFile();
        }

        return counts;
    }

    private static IHost CreateHost(Progress progress)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddTaskQueue().AddSingleton(progress);
        builder.Services.AddAkka("words", static akka => akka
            .AddHocon(Quiet, HoconAddMode.Prepend)
            .ConfigureLoggers(static loggers => loggers.ClearLoggers())
            .WithInMemoryResults()
            .WithDramatiq(static d => d.AddActor<WordCounter>(static a => a.Handles<CountWords>(static o => o.TimeLimit(Timeout.InfiniteTimeSpan)))));
        return builder.Build();
    }

    private static long LengthOf(string path)
    {
        try
        {
            return new FileInfo(path).Length;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
