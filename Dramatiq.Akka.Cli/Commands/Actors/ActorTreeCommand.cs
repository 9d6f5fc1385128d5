using System.CommandLine;
using System.Globalization;
using Dramatiq.Akka.Cli.Http;
using Dramatiq.Akka.Cli.Output;
using Dramatiq.Akka.Inspection;
using Spectre.Console;

namespace Dramatiq.Akka.Cli.Commands.Actors;

internal sealed class ActorTreeCommand : SessionCommand
{
    private readonly Argument<string?> _path = new("PATH") { Description = "Where to begin, beneath /user: dramatiq/default/workers, for instance. Everything of the library without.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<int?> _depth = new("--depth") { Description = "How many levels: 1 to 10; 4 unless told otherwise.", HelpName = "NUMBER" };
    private readonly Option<int?> _children = new("--children") { Description = "How many children of each: 1 to 1,000; 100 unless told otherwise.", HelpName = "NUMBER" };

    public ActorTreeCommand(Scope scope) : base(scope, "tree", "The Akka actors of the library in the process, with what waits in their mailboxes.")
    {
        Arguments.Add(_path);
        Options.Add(_depth);
        Options.Add(_children);
    }

    protected override async Task RunAsync(Session session, ParseResult line, CancellationToken stop)
    {
        var arguments = new Dictionary<string, string>();
        if (line.GetValue(_path) is { } path)
            arguments["path"] = path;
        if (line.GetValue(_depth) is { } depth)
            arguments["depth"] = depth.ToString(CultureInfo.InvariantCulture);
        if (line.GetValue(_children) is { } children)
            arguments["mostChildren"] = children.ToString(CultureInfo.InvariantCulture);

        var answer = await session.Client.GetAsync<ActorTree>(Address.Of("tree"), arguments, stop).ConfigureAwait(false);
        if (answer.Value.Roots.Count == 0)
            throw new CommandFailure(ExitCodes.NotFound, $"There is no actor at '{line.GetValue(_path)}'.", "`dramatiq actor tree` shows what there is.");
        session.Show(answer, tree =>
        {
            foreach (var root in tree.Roots)
                session.Paper.Write(Branch(root));
        });
    }

    private static Tree Branch(ActorTreeNode root)
    {
        var tree = new Tree(LabelOf(root)).Guide(TreeGuide.Line);
        foreach (var child in root.Children)
            AddTo(tree, child);
        AddRest(tree, root);
        return tree;
    }

    private static void AddTo(IHasTreeNodes parent, ActorTreeNode node)
    {
        var branch = parent.AddNode(LabelOf(node));
        foreach (var child in node.Children)
            AddTo(branch, child);
        AddRest(branch, node);
    }

    private static void AddRest(IHasTreeNodes parent, ActorTreeNode node)
    {
        if (node.ChildCount > node.Children.Count)
            parent.AddNode(new Text($"… {Units.Count(node.ChildCount - node.Children.Count)} more", Styles.Quiet));
    }

    private static Paragraph LabelOf(ActorTreeNode node)
    {
        var label = new Paragraph().Append(SafeText.Line(node.Name)).Append("  " + SafeText.Line(node.Type), Styles.Quiet);
        return node.Mailbox > 0 ? label.Append($"  {Units.Count(node.Mailbox)} waiting", Styles.Warning) : label;
    }
}
