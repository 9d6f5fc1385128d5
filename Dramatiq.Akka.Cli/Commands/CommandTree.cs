using System.CommandLine;
using System.CommandLine.Help;
using Dramatiq.Akka.Cli.Commands.Actors;
using Dramatiq.Akka.Cli.Commands.Live;
using Dramatiq.Akka.Cli.Commands.Messages;
using Dramatiq.Akka.Cli.Commands.Published;
using Dramatiq.Akka.Cli.Commands.Queues;
using Dramatiq.Akka.Cli.Commands.Shells;
using Dramatiq.Akka.Cli.Commands.Workers;

namespace Dramatiq.Akka.Cli.Commands;

/// <summary>All commands: our own, and behind them those that the host adds.</summary>
internal static class CommandTree
{
    public static RootCommand Build(Scope scope)
    {
        var root = new RootCommand("Sees and steers queues, workers and messages of Dramatiq.Akka. It asks one process, over HTTP; what that says of queues is the broker's word and holds for all.")
        {
            new TopCommand(scope),
            Group("queue", "Queues.", new QueueListCommand(scope), new QueueShowCommand(scope), QueuePauseCommand.Pause(scope), QueuePauseCommand.Resume(scope), new QueuePurgeCommand(scope)),
            Group("worker", "Workers of the process that is asked.", new WorkerListCommand(scope), new WorkerScaleCommand(scope), new WorkerDrainCommand(scope)),
            Group(
                "message", "Messages that wait, are delayed, in hand or dead.", MessageListCommand.Of(scope), new MessageShowCommand(scope), new MessageRequeueCommand(scope), MessageDeleteCommand.Of(scope),
                new MessageRunNowCommand(scope)),
            Group("dead", "Dead letters.", MessageListCommand.OfDead(scope), new MessageRequeueCommand(scope), MessageDeleteCommand.OfDead(scope)),
            Group("actor", "Declared actors, and the tree of Akka actors that runs them.", new ActorListCommand(scope), new ActorTreeCommand(scope)),
            new EnqueueCommand(scope),
            Group("log", "The log of the process.", new LogTailCommand(scope)),
            new CompletionCommand(scope),
        };
        foreach (var option in scope.Options.All)
            root.Options.Add(option);
        foreach (var published in scope.Catalog.Commands)
            PublishedCommands.Add(root, published, scope);
        ShowHelp(root);
        root.Options.Remove(root.Options.OfType<HelpOption>().First());
        var help = new HelpOption("--help", "-h");
        help.Action = new HelpWithNotes((HelpAction)help.Action!, scope);
        root.Options.Add(help);
        return root;
    }

    /// <summary>A group by itself does nothing, so it says what there is.</summary>
    public static Command Group(string name, string description, params ReadOnlySpan<Command> commands)
    {
        var group = new Command(name, description);
        foreach (var command in commands)
            group.Subcommands.Add(command);
        ShowHelp(group);
        return group;
    }

    /// <summary>Whether a command only holds others, so that more of them may be learned from a host.</summary>
    public static bool IsGroup(Command command) => command.Action is ShowGroup;

    private static void ShowHelp(Command group) => group.Action = new ShowGroup();

    private sealed class ShowGroup : System.CommandLine.Invocation.SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            var help = parseResult.RootCommandResult.Command.Options.OfType<HelpOption>().First().Action as HelpWithNotes;
            help?.Invoke(parseResult);
            return ExitCodes.Usage;
        }
    }
}
