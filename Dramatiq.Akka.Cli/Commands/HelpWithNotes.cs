using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Dramatiq.Akka.Cli.Output;

namespace Dramatiq.Akka.Cli.Commands;

/// <summary>The help of System.CommandLine, and behind it what it cannot know: the environment, the exit codes, and whether the host could be asked for its commands.</summary>
internal sealed class HelpWithNotes : SynchronousCommandLineAction
{
    private const string Notes = """
        Environment:
          DRAMATIQ_URL    the address, in place of --url
          DRAMATIQ_TOKEN  the token, in place of --token
          NO_COLOR        no colors

        Exit codes:
          0  done                          3  nobody answers at the address
          1  failed, or answered with no   4  not allowed: a token is missing or wrong
          2  the command line is wrong     5  no such queue, message or command
          6  no answer to an order, which may have been carried out
          7  carried out as far as the broker looks; there may be more
        """;

    private readonly HelpAction _help;
    private readonly Scope _scope;

    public HelpWithNotes(HelpAction help, Scope scope)
    {
        _help = help;
        _scope = scope;
        _help.MaxWidth = scope.Around.HasScreen ? scope.Around.Size().Width : 120;
    }

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        _help.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        if (parseResult.CommandResult.Command is RootCommand)
            output.WriteLine(Notes + "\n");
        if (_scope.Catalog.Problem is { } problem && CommandTree.IsGroup(parseResult.CommandResult.Command))
            output.WriteLine(SafeText.Lines(
                (_scope.Catalog.LearnedAt is { } then ? $"Commands of the application are those of {Units.Ago(then, _scope.Around.Time.GetUtcNow())}: " : "Commands of the application are not shown: ") + problem) + "\n");
        return ExitCodes.Ok;
    }
}
