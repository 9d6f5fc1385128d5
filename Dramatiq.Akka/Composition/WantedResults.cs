using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Results;

namespace Dramatiq.Akka.Composition;

/// <summary>
/// The option <c>group_results</c>: <c>{"id": the group, "of": [items]}</c>. An item is <c>[queue, actor, n]</c> for n members in a row whose ids follow from the group's, <c>[queue, actor, id]</c> for one
/// with an id of its own, or <c>{"of": [items]}</c> for a group in the group. Every item but the last kind takes the next numbers of the group's ends.
/// </summary>
internal static class WantedResults
{
    public static byte[] Write(string group, ResultShape.Many shape)
    {
        var writer = WireWriter.Rent();
        var end = 0;
        writer.WriteStartObject();
        writer.WriteName("id");
        writer.WriteString(group);
        WriteItems(writer, group, shape, ref end);
        writer.WriteEndObject();
        var json = writer.ToArray();
        writer.Return();
        return json;
    }

    /// <exception cref="DecodeException">It cannot be read.</exception>
    public static ResultShape.Many Read(ReadOnlySpan<byte> json)
    {
        var reader = new WireReader(json);
        var group = "";
        ResultShape.Many? shape = null;
        var end = 0;
        reader.EnterObject();
        while (reader.NextName(out string name))
        {
            if (name == "id")
                group = reader.ReadString();
            else if (name == "of")
                shape = ReadItems(ref reader, group, ref end);
            else
                reader.Skip();
        }

        return shape ?? throw new DecodeException("group_results names no results", reader.Position);
    }

    private static void WriteItems(WireWriter writer, string group, ResultShape.Many shape, ref int end)
    {
        writer.WriteName("of");
        writer.WriteStartArray();
        for (var i = 0; i < shape.Members.Count;)
        {
            if (shape.Members[i].Valued is ResultShape.Many inner)
            {
                writer.WriteStartObject();
                WriteItems(writer, group, inner, ref end);
                writer.WriteEndObject();
                i++;
                continue;
            }

            var key = ((ResultShape.One)shape.Members[i].Valued).Key;
            var alike = 0;
            while (i + alike < shape.Members.Count && shape.Members[i + alike].Valued is ResultShape.One { Key: var next }
                && next.Queue == key.Queue && next.ActorName == key.ActorName && next.MessageId == MemberIds.Of(group, end + alike))
                alike++;

            writer.WriteStartArray();
            writer.WriteString(key.Queue);
            writer.WriteString(key.ActorName);
            if (alike > 0)
                writer.WriteNumber(alike);
            else
                writer.WriteString(key.MessageId);
            writer.WriteEndArray();
            i += Math.Max(alike, 1);
            end += Math.Max(alike, 1);
        }

        writer.WriteEndArray();
    }

    private static ResultShape.Many ReadItems(ref WireReader reader, string group, ref int end)
    {
        var members = new List<ResultShape>();
        reader.EnterArray();
        while (reader.NextItem())
        {
            if (reader.Peek() == WireKind.Array)
                ReadRun(ref reader, group, members, ref end);
            else
                members.Add(ReadInner(ref reader, group, ref end));
        }

        return new ResultShape.Many(members);
    }

    private static ResultShape.Many ReadInner(ref WireReader reader, string group, ref int end)
    {
        var inner = new ResultShape.Many([]);
        reader.EnterObject();
        while (reader.NextName(out string name))
        {
            if (name == "of")
                inner = ReadItems(ref reader, group, ref end);
            else
                reader.Skip();
        }

        return inner;
    }

    private static void ReadRun(ref WireReader reader, string group, List<ResultShape> members, ref int end)
    {
        reader.EnterArray();
        var queue = Text(ref reader);
        var actor = Text(ref reader);
        if (!reader.NextItem())
            throw new DecodeException("an item of group_results ends too early", reader.Position);
        if (reader.Peek() == WireKind.Text)
        {
            members.Add(new ResultShape.One(new ResultKey(queue, actor, reader.ReadString())));
            end++;
        }
        else
        {
            for (var count = reader.ReadInt64(); count > 0; count--)
                members.Add(new ResultShape.One(new ResultKey(queue, actor, MemberIds.Of(group, end++))));
        }

        if (reader.NextItem())
            throw new DecodeException("an item of group_results has too many parts", reader.Position);
    }

    private static string Text(ref WireReader reader) =>
        reader.NextItem() ? reader.ReadString() : throw new DecodeException("an item of group_results ends too early", reader.Position);
}
