using System.CommandLine;
using System.Text.RegularExpressions;
using Dramatiq.Akka.Cli.Http;
using Dramatiq.Akka.Cli.Output;

namespace Dramatiq.Akka.Cli.Commands.Published;

/// <summary>Puts the commands that a host publishes into the tree; those that are ours already stay ours.</summary>
internal static partial class PublishedCommands
{
    public static void Add(RootCommand root, PublishedCommand published, Scope scope)
    {
        // A host is not trusted with names that could be mistaken for something else.
        if (!Name().IsMatch(published.Name) || published.Parameters.Any(static parameter => !ParameterName().IsMatch(parameter.Name)))
            return;

        Command at = root;
        foreach (var word in published.Name.Split(' '))
        {
            if (at.Subcommands.FirstOrDefault(command => command.Name == word) is not { } next)
                at.Subcommands.Add(next = CommandTree.Group(word, $"Commands of the application that begin with {word}."));
            at = next;
        }

        if (!CommandTree.IsGroup(at) || at.Subcommands.Count > 0 && at.Parents.FirstOrDefault() is RootCommand && IsOwnGroup(at))
            return;
        at.Description = SafeText.Line(published.Help);
        _ = new PublishedAction(at, published, scope);
    }

    /// <summary>A group of ours holds a command of ours; a word alone that an application adds cannot take its place.</summary>
    private static bool IsOwnGroup(Command group) => group.Subcommands.Any(static command => command is SessionCommand);

    [GeneratedRegex(@"\A[a-z][a-z0-9-]*(?: [a-z0-9-]+)*\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex ParameterName();
}
