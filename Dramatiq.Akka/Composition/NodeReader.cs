using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Enqueueing;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Composition;

/// <summary>Makes messages of the tasks in a pipeline or group.</summary>
internal sealed class NodeReader(MessageFactory factory, Declarations declarations)
{
    public Node Read(object part) => Read(part, default);

    private Node Read(object part, Around around) => part switch
    {
        Pipeline pipeline => ReadChain(pipeline, around),
        Group group => ReadSide(group, around),
        _ => ReadStep(part as Enqueue ?? new Enqueue(part), around),
    };

    private Node.Chain ReadChain(Pipeline pipeline, Around around)
    {
        var steps = new List<Node>(pipeline.Steps.Count);
        var own = around.With(pipeline.Delay, pipeline.Keeping);
        foreach (var part in pipeline.Steps)
        {
            var step = Read(part, own);
            steps.Add(step);
            own = own with { Delay = null, IsPiped = true, IsIgnored = KeepsToItself(step) };
        }

        return new Node.Chain(steps, Callbacks(pipeline.FailureCallbacks));
    }

    /// <summary>Whether what a step returns is not passed on, since its actor says so: in a pipeline that of the last step.</summary>
    private static bool KeepsToItself(Node step) => step switch
    {
        Node.Step { Actor: { } actor } => actor.Option(OptionNames.PipeIgnore, false),
        Node.Chain { Steps: var steps } => KeepsToItself(steps[^1]),
        _ => false,
    };

    private Node.Side ReadSide(Group group, Around around)
    {
        var own = around.With(group.Delay, group.Keeping);
        var members = new List<Node>(group.Members.Count);
        foreach (var part in group.Members)
            members.Add(Read(part, own));
        return new Node.Side(members, Callbacks(group.CompletionCallbacks), Callbacks(group.FailureCallbacks), Callbacks(group.EndCallbacks));
    }

    private List<Message> Callbacks(IReadOnlyList<object> tasks)
    {
        var callbacks = new List<Message>(tasks.Count);
        foreach (var task in tasks)
            callbacks.Add(ReadStep(task as Enqueue ?? new Enqueue(task), default).Message);
        return callbacks;
    }

    private Node.Step ReadStep(Enqueue order, Around around)
    {
        if (order.At is not null)
            throw new EnqueueFailedException("A task in a pipeline or group was given At. Give it a Delay, which counts from when its turn comes.");
        if (order.Task is Pipeline or Group)
            throw new EnqueueFailedException($"An Enqueue holds a {order.Task.GetType().Name}. Put that itself among the steps or members: it has WithDelay(…) of its own.");

        var (message, _) = factory.Create(order with { Delay = null });
        var options = message.Options;
        var delay = Longer(Longer(order.Delay, GroupCallbacksSettings.DelayOf(options)), around.Delay);
        if (delay is { } wait && wait > TimeSpan.Zero)
            options = options.With(OptionNames.Delay, (long)wait.TotalMilliseconds);
        if (around.Keeping is { } keeping)
            options = Kept(options, keeping);

        _ = declarations.TryGet(message.ActorName, out var actor);
        var args = around.IsPiped && !around.IsIgnored && !options.IsTruthy(OptionNames.PipeIgnore) && order.Task is not (ActorCall or Message) && actor is not null
            ? PipedPlace.TakenOut(actor, message.Args)
            : message.Args;
        return new Node.Step(message.With(options: options, args: args), actor, order.MessageId is not null || order.Task is Message);
    }

    private static MessageOptions Kept(MessageOptions options, ResultKeeping keeping)
    {
        if (!options.Contains(OptionNames.StoreResults))
            options = options.With(OptionNames.StoreResults, true);
        return keeping.Ttl is { } ttl && !options.Contains(OptionNames.ResultTtl) ? options.With(OptionNames.ResultTtl, (long)ttl.TotalMilliseconds) : options;
    }

    private static TimeSpan? Longer(TimeSpan? one, TimeSpan? other) => one is null || other > one ? other : one;

    /// <summary>What the surroundings of a part say of it.</summary>
    /// <param name="Delay">How long it waits at the least.</param>
    /// <param name="Keeping">Whether its result is stored.</param>
    /// <param name="IsPiped">Whether something comes before it.</param>
    /// <param name="IsIgnored">Whether the actor before it keeps its results to itself.</param>
    private readonly record struct Around(TimeSpan? Delay, ResultKeeping? Keeping, bool IsPiped, bool IsIgnored)
    {
        public Around With(TimeSpan? delay, ResultKeeping? keeping) => this with { Delay = Longer(delay, Delay), Keeping = keeping ?? Keeping };
    }
}
