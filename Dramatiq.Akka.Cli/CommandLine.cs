using System.CommandLine;
using System.CommandLine.Invocation;
using Dramatiq.Akka.Cli.Commands;
using Dramatiq.Akka.Cli.Http;
using Dramatiq.Akka.Cli.Output;

namespace Dramatiq.Akka.Cli;

/// <summary>Arguments in, an exit code out.</summary>
internal static class CommandLine
{
    // An argument that begins with @ is a message's, not the name of a file to read.
    private static readonly ParserConfiguration Parsing = new() { ResponseFileTokenReplacer = null };

    public static async Task<int> RunAsync(string[] args, Surroundings around)
    {
        var options = new GlobalOptions(around);
        var line = CommandTree.Build(new Scope(around, options, Catalog.Empty)).Parse(args, Parsing);
        var suggests = args.Length > 0 && args[0].StartsWith("[suggest", StringComparison.Ordinal);
        var catalog = Catalog.Empty;
        if (suggests || (CommandTree.IsGroup(line.CommandResult.Command) && !AsksForVersion(args)))
        {
            try
            {
                // The address may be on the line that is to be completed.
                var asked = suggests ? CommandTree.Build(new Scope(around, options, Catalog.Empty)).Parse(args.Length > 1 ? args[^1] : "", Parsing) : line;
                catalog = await LearnAsync(around, options, asked).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (around.Stop.IsCancellationRequested)
            {
                return ExitCodes.Interrupted;
            }
            catch (CommandFailure failure) when (!suggests)
            {
                await Session.TellAsync(around, failure).ConfigureAwait(false);
                return failure.ExitCode;
            }
            catch (CommandFailure)
            {
                // What cannot be asked for more is completed with what is known.
            }

            options = new GlobalOptions(around);
            line = CommandTree.Build(new Scope(around, options, catalog)).Parse(args, Parsing);
        }

        if (line.Errors.Count > 0 && line.Action is ParseErrorAction or null)
            return await RefuseAsync(around, line, catalog).ConfigureAwait(false);
        // Without a timeout it does not listen for signals, which Stop is for: it would stop doing so before the process ends, and fall over one that comes just then.
        return await line.InvokeAsync(
            new InvocationConfiguration { Output = around.Out, Error = around.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, around.Stop).ConfigureAwait(false);
    }

    private static bool AsksForVersion(string[] args) => args is ["--version"];

    private static async Task<Catalog> LearnAsync(Surroundings around, GlobalOptions options, ParseResult line)
    {
        var timeout = options.TimeoutOf(line);
        using var client = new ManagementClient(options.UrlOf(line), options.TokenOf(line), timeout < around.Patience ? timeout : around.Patience, around.Time);
        return await Catalog.LearnAsync(client, new CatalogCache(around.CacheFolder), around.Time.GetUtcNow(), around.Stop).ConfigureAwait(false);
    }

    private static async Task<int> RefuseAsync(Surroundings around, ParseResult line, Catalog catalog)
    {
        foreach (var error in line.Errors.Select(static error => error.Message).Distinct())
            await around.Error.WriteLineAsync("dramatiq: " + SafeText.Lines(error.ReplaceLineEndings("\n"))).ConfigureAwait(false);
        List<string> words = [];
        for (var at = line.CommandResult; at?.Parent is System.CommandLine.Parsing.CommandResult parent; at = parent)
            words.Insert(0, at.Command.Name);
        await around.Error.WriteLineAsync($"  Try: dramatiq {string.Join(' ', [.. words, "--help"])}").ConfigureAwait(false);
        if (catalog.Problem is { } problem)
            await around.Error.WriteLineAsync("  It may be a command of the application. " + SafeText.Lines(problem)).ConfigureAwait(false);
        return ExitCodes.Usage;
    }
}
