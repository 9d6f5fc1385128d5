using System.Globalization;
using Spectre.Console;

namespace CountWords;

/// <summary>Shows how far the work is, on the error stream, so that the table can go into a file: a bar on a terminal, else a plain line now and then.</summary>
internal static class Display
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(5);

    public static Task ShowAsync(Progress progress, Task done, CancellationToken cancellation) =>
        Console.IsErrorRedirected ? WriteLinesAsync(progress, done, cancellation) : DrawBarAsync(progress, done, cancellation);

    private static async Task DrawBarAsync(Progress progress, Task done, CancellationToken cancellation)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        await console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn { Width = Math.Clamp(console.Profile.Width - 40, 4, 60) }, new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var bar = context.AddTask(Description(progress), maxValue: 1);
                do
                {
                    bar.Value = progress.Share;
                    bar.Description = Description(progress);
                }
                while (!await IsOverAsync(done, Refresh, cancellation));
            });
    }

    private static async Task WriteLinesAsync(Progress progress, Task done, CancellationToken cancellation)
    {
        while (!await IsOverAsync(done, LineEvery, cancellation))
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{progress.FilesDone} of {progress.Files} files, {progress.Share:P0}"));
    }

    private static async Task<bool> IsOverAsync(Task done, TimeSpan wait, CancellationToken cancellation)
    {
        await Task.WhenAny(done, Task.Delay(wait, cancellation));
        return done.IsCompleted || cancellation.IsCancellationRequested;
    }

    private static string Description(Progress progress) => string.Create(CultureInfo.InvariantCulture, $"{progress.FilesDone}/{progress.Files} files");
}
