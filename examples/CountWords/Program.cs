using System.CommandLine;

namespace CountWords;

/// <summary>The command line: paths in, an exit code out.</summary>
internal static class Program
{
    internal const int Success = 0, SomeFailed = 1, WrongUsage = 2, Interrupted = 130;

    public static async Task<int> Main(string[] args)
    {
        var paths = new Argument<string[]>("PATH")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = "A file, or a folder, which stands for every regular file below it (links are not followed). Without one: this repository's own Markdown.",
        };
        paths.Validators.Add(static result =>
        {
            foreach (var token in result.Tokens)
                if (token.Value.StartsWith('-') && !Path.Exists(token.Value))
                    result.AddError($"'{token.Value}' is neither an option nor a file.");
        });
        var command = new RootCommand(
            "Counts the words of text files, as wc -w counts them in a UTF-8 locale, with one background task for each file.\n\n"
            + "Exit code: 0 when every file was counted, 1 when a task failed (a missing file, say), 2 for wrong usage, 130 when interrupted.")
        {
            paths,
        };
        var exitCode = Success;
        command.SetAction(async (parsed, cancellation) => exitCode = await RunAsync(parsed.GetValue(paths) ?? [], cancellation));
        var parse = command.Parse(args);
        if (parse.Errors.Count > 0)
        {
            foreach (var error in parse.Errors)
                await Console.Error.WriteLineAsync(error.Message);
            await Console.Error.WriteLineAsync("Try --help.");
            return WrongUsage;
        }

        var invoked = await parse.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
        return invoked != 0 ? invoked : exitCode;
    }

    private static async Task<int> RunAsync(string[] paths, CancellationToken cancellation)
    {
        var files = paths.Length > 0 ? [.. InputFiles.Of(paths)] : InputFiles.OwnMarkdown();
        if (files is null)
        {
            await Console.Error.WriteLineAsync("No path was given, and this is no checkout of the repository whose Markdown could be counted. Try --help.");
            return WrongUsage;
        }

        if (await Counting.RunAsync(files, cancellation) is not { } counts)
        {
            await Console.Error.WriteLineAsync("Interrupted.");
            return Interrupted;
        }

        Report.Write(counts);
        return counts.Any(static count => count.Failure is not null) ? SomeFailed : Success;
    }
}
