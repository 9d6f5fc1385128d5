using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Results;

/// <summary>How a failure is stored among values: an object that Python's Dramatiq knows by its <c>__t</c>.</summary>
internal static class FailureJson
{
    private const string Mark = "dramatiq.results.Result";

    public static byte[] Write(string type, string message)
    {
        var writer = WireWriter.Rent();
        writer.WriteStartObject();
        writer.WriteName("__t");
        writer.WriteString(Mark);
        writer.WriteName("exn");
        writer.WriteStartObject();
        writer.WriteName("type");
        writer.WriteString(type);
        writer.WriteName("msg");
        writer.WriteString(message);
        writer.WriteEndObject();
        writer.WriteEndObject();
        var json = writer.ToArray();
        writer.Return();
        return json;
    }

    /// <summary>Whether it is a failure, and which. An object that is marked as one and tells nothing counts as one too.</summary>
    /// <exception cref="DecodeException">It is no JSON.</exception>
    public static bool TryRead(ReadOnlySpan<byte> json, out string type, out string message)
    {
        (type, message) = ("Exception", "");
        var isMarked = false;
        var reader = new WireReader(json);
        if (json.IsEmpty || reader.Peek() != WireKind.Map)
            return false;

        reader.EnterObject();
        while (reader.NextName(out string name))
        {
            if (name == "__t" && reader.Peek() == WireKind.Text)
                isMarked = reader.ReadString() == Mark;
            else if (name == "exn" && reader.Peek() == WireKind.Map)
                ReadError(ref reader, ref type, ref message);
            else
                reader.Skip();
        }

        return isMarked;
    }

    private static void ReadError(ref WireReader reader, ref string type, ref string message)
    {
        reader.EnterObject();
        while (reader.NextName(out string name))
        {
            if (name == "type" && reader.Peek() == WireKind.Text)
                type = reader.ReadString();
            else if (name == "msg" && reader.Peek() == WireKind.Text)
                message = reader.ReadString();
            else
                reader.Skip();
        }
    }
}
