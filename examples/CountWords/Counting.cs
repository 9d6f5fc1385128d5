using Akka.Hosting;
using Dramatiq.Akka;
using Dramatiq.Akka.Messages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CountWords;

/// <summary>A host with a worker in it: one task for each file goes in, the counts come out.</summary>
internal static class Counting
{
    private const string Quiet = "akka { loglevel = OFF, stdout-loglevel = OFF, log-dead-letters = off }";

    /// <returns>The counts in the order of the files; null when it was interrupted.</returns>
    public static async Task<IReadOnlyList<FileCount>?> RunAsync(IReadOnlyList<string> files, CancellationToken cancellation)
    {
        var progress = new Progress(files.Count, files.Sum(LengthOf));
        var done = new TaskCompletionSource<IReadOnlyList<FileCount>>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var host = CreateHost(progress, done);
        await host.StartAsync(cancellation);

        var tasks = files.Select(static path => new Enqueue(new CountWords(path)) { MessageId = Message.NewId() }).ToArray();
        var tally = host.Services.GetRequiredService<IRequiredActor<Tally>>().ActorRef;
        tally.Tell(new Tally.Expect([.. tasks.Select(static (task) => (task.MessageId!, ((CountWords)task.Task).Path))]));

        // Ctrl-C stops the host, which cancels the handlers, since the task asks for that with NotifyShutdown.
        var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellation);
        try
        {
            await host.Services.GetRequiredService<ITaskQueue>().EnqueueManyAsync(tasks, either.Token);
            await Display.ShowAsync(progress, done.Task, either.Token);
            return await done.Task.WaitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
    }

    private static IHost CreateHost(Progress progress, TaskCompletionSource<IReadOnlyList<FileCount>> done)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddTaskQueue();
        builder.Services.AddAkka("words", akka => akka
            .AddHocon(Quiet, HoconAddMode.Prepend)
            .ConfigureLoggers(static loggers => loggers.ClearLoggers())
            .WithActors((system, registry) => registry.Register<Tally>(system.ActorOf(Props.Create(() => new Tally(progress, done)), "tally")))
            .WithDramatiq(static d => d
                .AddActor<WordCounter>(static a => a.Handles<CountWords>(static o => o.TimeLimit(Timeout.InfiniteTimeSpan)))
                .AddActor(
                    "not_counted",
                    static (FailedMessage message, FailedWith error, [FromServices] IRequiredActor<Tally> tally) =>
                        tally.ActorRef.Tell(new Tally.NotCounted(message.MessageId, Notes.OfFailure(error.Type, error.Message))),
                    static o => o.Queue("words"))));
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
