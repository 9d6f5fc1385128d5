using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Composition;

/// <summary>A group or pipeline that has somebody to tell: its id, and the messages for when it is complete, fails or ends, each a JSON array or empty.</summary>
internal sealed class Circle(string id, int ends, IReadOnlyList<Message> onCompletion, IReadOnlyList<Message> onFailure, IReadOnlyList<Message> onEnd, bool gathers)
{
    public string Id => id;

    /// <summary>Whether the results of its ends are passed on.</summary>
    public bool Gathers => gathers;

    public ReadOnlyMemory<byte> OnCompletion { get; } = Array(onCompletion);

    public ReadOnlyMemory<byte> OnFailure { get; } = Array(onFailure);

    public ReadOnlyMemory<byte> OnEnd { get; } = Array(onEnd);

    /// <summary>The barriers that it counts on.</summary>
    public IEnumerable<(string Key, int Parties)> Barriers
    {
        get
        {
            if (!OnCompletion.IsEmpty)
                yield return (id, ends);
            if (!OnEnd.IsEmpty)
                yield return (GroupKeys.Ends(id), ends);
        }
    }

    private static byte[] Array(IReadOnlyList<Message> messages)
    {
        if (messages.Count == 0)
            return [];

        var writer = new WireWriter();
        writer.WriteStartArray();
        foreach (var message in messages)
            message.WriteTo(writer);
        writer.WriteEndArray();
        return writer.ToArray();
    }
}

/// <summary>What a message is to a circle: see <see cref="GroupMembership"/>.</summary>
internal readonly record struct Role(Circle Circle, int From, int Count, bool IsLast)
{
    /// <summary>Writes the roles of one message into its options: as Python does where that is enough.</summary>
    public static MessageOptions Write(MessageOptions options, IReadOnlyList<Role> roles)
    {
        // Python has room for one group: the innermost, since its members are the likeliest to run there.
        var pythons = -1;
        for (var i = roles.Count - 1; i >= 0 && pythons < 0; i--)
            if (roles[i].IsLast && !roles[i].Circle.OnCompletion.IsEmpty)
                pythons = i;

        if (pythons >= 0)
            options = options.With(OptionNames.GroupCompletionUuid, roles[pythons].Circle.Id).WithRaw(OptionNames.GroupCompletionCallbacks, roles[pythons].Circle.OnCompletion);

        var writer = WireWriter.Rent();
        writer.WriteStartArray();
        var any = false;
        for (var i = 0; i < roles.Count; i++)
        {
            var (circle, from, count, isLast) = roles[i];
            var completion = isLast && i != pythons ? circle.OnCompletion : default;
            if (completion.IsEmpty && circle.OnFailure.IsEmpty && circle.OnEnd.IsEmpty)
                continue;

            any = true;
            new GroupMembership(circle.Id, from, count, isLast, completion, circle.OnFailure, circle.OnEnd).WriteTo(writer);
        }

        writer.WriteEndArray();
        if (any)
            options = options.WithRaw(OptionNames.GroupMemberships, writer.ToArray());
        writer.Return();
        return options;
    }
}
