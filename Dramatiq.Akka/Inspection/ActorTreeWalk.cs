namespace Dramatiq.Akka.Inspection;

/// <summary>Walks the tree of Akka actors from references alone: no actor is asked, so a busy one keeps nobody waiting.</summary>
internal sealed class ActorTreeWalk(ActorSystem system)
{
    private const string OwnNames = "dramatiq";
    private const int MostDepth = 10;
    private const int MostChildren = 1_000;

    public ActorTree Walk(GetActorTree question)
    {
        if (question.Depth is < 1 or > MostDepth || question.MostChildren is < 1 or > MostChildren)
            throw new InspectionException(InspectionFailure.Invalid, $"Depth must be 1 to {MostDepth} and the number of children 1 to {MostChildren}, was {question.Depth} and {question.MostChildren}.");

        return new ActorTree([.. RootsOf(question.Path).Select(root => NodeOf(root, question.Depth, question.MostChildren))]);
    }

    private IEnumerable<ActorRefWithCell> RootsOf(string path)
    {
        var guardian = (ActorRefWithCell)((ExtendedActorSystem)system).Guardian;
        var names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (names.Length == 0)
            return ChildrenOf(guardian).Where(static child => child.Path.Name.StartsWith(OwnNames, StringComparison.Ordinal)).OrderBy(static child => child.Path.Name, StringComparer.Ordinal);

        // The rest of the application's actors are nobody's business here.
        if (!names[0].StartsWith(OwnNames, StringComparison.Ordinal))
            throw new InspectionException(InspectionFailure.Invalid, $"'{path}' is no path to an actor of this library: such a path starts with {OwnNames}.");

        var at = guardian;
        foreach (var name in names)
        {
            if (at.GetSingleChild(name) is not ActorRefWithCell child)
                return [];
            at = child;
        }

        return [at];
    }

    private static ActorTreeNode NodeOf(ActorRefWithCell actor, int depth, int mostChildren)
    {
        var children = ChildrenOf(actor).ToArray();
        var cell = actor.Underlying;
        IEnumerable<ActorRefWithCell> listed = depth > 1 ? children.Take(mostChildren) : [];
        return new ActorTreeNode(
            actor.Path.Name, actor.Path.ToStringWithoutAddress(), cell.Props.Type.Name, cell.NumberOfMessages, children.Length,
            [.. listed.Select(child => NodeOf(child, depth - 1, mostChildren))]);
    }

    private static IEnumerable<ActorRefWithCell> ChildrenOf(ActorRefWithCell actor) => actor.Children.OfType<ActorRefWithCell>();
}
