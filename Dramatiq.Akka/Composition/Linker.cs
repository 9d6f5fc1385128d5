using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Results;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Composition;

/// <summary>
/// Tells the messages of a composition of each other, from its end to its beginning: a step gets the next one whole as its <c>pipe_target</c>, the members of a group get what follows it as a callback.
/// So no process needs to know of the whole, and Python can run any part that has a form in its own format.
/// </summary>
/// <param name="resultTtl">How long results are kept at the least that are passed on.</param>
/// <param name="isTagged">Whether ids of groups are hash tags, so that all their counters are on one node of a Redis Cluster.</param>
internal sealed class Linker(TimeSpan resultTtl, bool isTagged = false)
{
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);

    /// <summary>Whether anything of it is counted in a store.</summary>
    public bool Counts { get; private set; }

    /// <summary>Whether results of a group are passed on.</summary>
    public bool Gathers { get; private set; }

    /// <exception cref="ArgumentException">Two of its messages have the same id.</exception>
    public Linked Link(Node node) => Link(node, null, []);

    private Linked Link(Node node, Next? next, IReadOnlyList<Role> roles) => node switch
    {
        Node.Step step => LinkStep(step, next, roles),
        Node.Chain chain => LinkChain(chain, next, roles),
        Node.Side side => LinkSide(side, next, roles),
        _ => throw new InvalidOperationException($"{node.GetType().Name} is no part of a composition."),
    };

    private Linked LinkStep(Node.Step step, Next? next, IReadOnlyList<Role> roles)
    {
        var message = step.Message;
        if (step.HasOwnId && !_ids.Add(message.MessageId))
            throw new ArgumentException($"Two messages of the pipeline or group have the id '{message.MessageId}' (the second is for '{message.ActorName}'), and would count as one. Give each an id of its own, or none.");

        var options = message.Options;
        string? id = null;
        foreach (var role in roles)
        {
            if (!role.IsLast || !role.Circle.Gathers)
                continue;
            options = Kept(options);
            id = step.HasOwnId ? null : MemberIds.Of(role.Circle.Id, role.From);
        }

        if (next is { } follower)
            options = options.WithRaw(OptionNames.PipeTarget, follower.Message.Encode());
        message = message.With(options: Role.Write(options, roles), messageId: id);
        return new Linked([message], [], new ResultShape.One(ResultKey.Of(message)));
    }

    private Linked LinkChain(Node.Chain chain, Next? next, IReadOnlyList<Role> roles)
    {
        Counts |= chain.OnFailure.Count > 0;
        if (chain.OnFailure.Count > 0)
            roles = [.. roles, new Role(new Circle(NewId(), chain.Ends, [], chain.OnFailure, [], gathers: false), 0, chain.Ends, next is null)];

        var shapes = new ResultShape[chain.Steps.Count];
        Role[] before = [.. roles.Select(static role => role with { IsLast = false })];
        for (var i = chain.Steps.Count - 1; ; i--)
        {
            var linked = Link(chain.Steps[i], next, i == chain.Steps.Count - 1 ? roles : before);
            shapes[i] = linked.Shape;
            if (i == 0)
                return linked with { Shape = new ResultShape.Chain(shapes) };
            Counts |= linked.Messages.Count > 1;
            next = new Next(linked.AsOne(), chain.Steps[i].IgnoresPiped);
        }
    }

    private Linked LinkSide(Node.Side side, Next? next, IReadOnlyList<Role> roles)
    {
        var id = NewId();
        var gathers = next is { IgnoresPiped: false };
        var completion = side.OnCompletion;
        if (next is { } follower)
            completion = [.. completion, gathers ? Wanting(follower.Message, id, side) : follower.Message];

        var circle = completion.Count + side.OnFailure.Count + side.OnEnd.Count > 0
            ? new Circle(id, side.Ends, completion, side.OnFailure, side.OnEnd, gathers)
            : null;
        Counts |= circle is not null;
        Gathers |= gathers;
        var messages = new List<Message>();
        var barriers = new List<(string, int)>();
        var shapes = new List<ResultShape>(side.Members.Count);
        if (circle is not null)
            barriers.AddRange(circle.Barriers);

        var end = 0;
        foreach (var member in side.Members)
        {
            var linked = Link(member, null, [.. roles.Select(role => Part(role, end, member.Ends)), .. circle is null ? [] : (Role[])[new Role(circle, end, member.Ends, true)]]);
            messages.AddRange(linked.Messages);
            barriers.AddRange(linked.Barriers);
            shapes.Add(linked.Shape);
            end += member.Ends;
        }

        return new Linked(messages, barriers, new ResultShape.Many(shapes));
    }

    private string NewId() => isTagged ? "{" + Message.NewId() + "}" : Message.NewId();

    /// <summary>The part of a group's role that one of its members has: its own ends, where the group is the last of whatever the role is in.</summary>
    private static Role Part(Role role, int end, int count) => role.IsLast ? role with { From = role.From + end, Count = count } : role;

    /// <summary>What follows a group, with the results that it wants.</summary>
    private static Message Wanting(Message message, string group, Node.Side side)
    {
        var end = 0;
        return message.With(options: message.Options.WithRaw(OptionNames.GroupResults, WantedResults.Write(group, (ResultShape.Many)ShapeOf(side, group, ref end))));
    }

    /// <summary>Where the results of a group will be, by the ids that its members are going to have.</summary>
    private static ResultShape ShapeOf(Node node, string group, ref int end)
    {
        switch (node)
        {
            case Node.Chain chain:
                return ShapeOf(chain.Steps[^1], group, ref end);
            case Node.Side side:
                var members = new List<ResultShape>(side.Members.Count);
                foreach (var member in side.Members)
                    members.Add(ShapeOf(member, group, ref end));
                return new ResultShape.Many(members);
            default:
                var step = (Node.Step)node;
                var id = step.HasOwnId ? step.Message.MessageId : MemberIds.Of(group, end);
                end++;
                return new ResultShape.One(new ResultKey(Brokers.QueueName.Canonical(step.Message.QueueName), step.Message.ActorName, id));
        }
    }

    /// <summary>Stored, and kept until the group is complete. Marked, so that a worker that cannot store it says so before it runs.</summary>
    private MessageOptions Kept(MessageOptions options)
    {
        var least = (long)resultTtl.TotalMilliseconds;
        options = options.With(OptionNames.StoreResults, true).With(OptionNames.GroupGathered, true);
        return options.TryGetInt64(OptionNames.ResultTtl, out var own) && own >= least ? options : options.With(OptionNames.ResultTtl, least);
    }

    /// <summary>What follows a part, as one message.</summary>
    private readonly record struct Next(Message Message, bool IgnoresPiped);
}
