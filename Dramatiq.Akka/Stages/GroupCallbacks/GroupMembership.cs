using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Stages;

/// <summary>
/// One entry of the option <c>group_memberships</c>: what a message means to a group or pipeline that it is a part of, as far as Python's <c>group_completion_uuid</c> and
/// <c>group_completion_callbacks</c> do not say it. The ends of a group are numbered from 0: one for each member, or for each member's members where that is a group itself.
/// </summary>
/// <param name="Id">Whose.</param>
/// <param name="From">The first end that depends on the message.</param>
/// <param name="Count">How many ends do: all of them are over when the message is given up.</param>
/// <param name="IsLast">Whether its own success is an end, or something follows it that is.</param>
/// <param name="OnCompletion">Messages for when every end has succeeded: a JSON array, or empty for none.</param>
/// <param name="OnFailure">Messages for when one was given up.</param>
/// <param name="OnEnd">Messages for when every end is over, however.</param>
internal readonly record struct GroupMembership(
    string Id, int From, int Count, bool IsLast, ReadOnlyMemory<byte> OnCompletion, ReadOnlyMemory<byte> OnFailure, ReadOnlyMemory<byte> OnEnd)
{
    /// <summary>Whether the message is a part of any.</summary>
    public static bool IsIn(MessageOptions options) =>
        options.Count > 0 && (options.Contains(OptionNames.GroupMemberships) || (options.IsTruthy(OptionNames.GroupCompletionUuid) && options.IsTruthy(OptionNames.GroupCompletionCallbacks)));

    /// <summary>All that the message is a part of, Python's way of saying it included.</summary>
    /// <exception cref="DecodeException">They cannot be read.</exception>
    public static IReadOnlyList<GroupMembership> AllOf(MessageOptions options)
    {
        var all = new List<GroupMembership>();
        if (options.TryGetString(OptionNames.GroupCompletionUuid, out var id) && id.Length > 0
            && options.IsTruthy(OptionNames.GroupCompletionCallbacks) && options.TryGetRaw(OptionNames.GroupCompletionCallbacks, out var callbacks))
            all.Add(new GroupMembership(id, 0, 0, true, callbacks, default, default));

        if (!options.TryGetRaw(OptionNames.GroupMemberships, out var json))
            return all;

        var reader = new WireReader(json.Span);
        reader.EnterArray();
        while (reader.NextItem())
            all.Add(Read(ref reader, json));
        return all;
    }

    public void WriteTo(WireWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteName("id");
        writer.WriteString(Id);
        writer.WriteName("from");
        writer.WriteNumber(From);
        writer.WriteName("count");
        writer.WriteNumber(Count);
        writer.WriteName("is_last");
        writer.WriteBoolean(IsLast);
        Write(writer, "on_completion", OnCompletion);
        Write(writer, "on_failure", OnFailure);
        Write(writer, "on_end", OnEnd);
        writer.WriteEndObject();
    }

    private static void Write(WireWriter writer, string name, ReadOnlyMemory<byte> messages)
    {
        if (messages.IsEmpty)
            return;

        writer.WriteName(name);
        writer.WriteRaw(messages.Span);
    }

    private static GroupMembership Read(ref WireReader reader, ReadOnlyMemory<byte> json)
    {
        var read = default(GroupMembership) with { Id = "" };
        reader.EnterObject();
        while (reader.NextName(out string name))
        {
            read = name switch
            {
                "id" => read with { Id = reader.ReadString() },
                "from" => read with { From = Number(ref reader) },
                "count" => read with { Count = Number(ref reader) },
                "is_last" => read with { IsLast = reader.ReadBoolean() },
                "on_completion" => read with { OnCompletion = json[reader.Skip()] },
                "on_failure" => read with { OnFailure = json[reader.Skip()] },
                "on_end" => read with { OnEnd = json[reader.Skip()] },
                _ => Passed(ref reader, read),
            };
        }

        return read.Id.Length > 0 ? read : throw new DecodeException("a membership has no id", reader.Position);
    }

    private static int Number(ref WireReader reader) => (int)Math.Clamp(reader.ReadInt64(), 0, int.MaxValue);

    private static GroupMembership Passed(ref WireReader reader, GroupMembership read)
    {
        reader.Skip();
        return read;
    }
}
