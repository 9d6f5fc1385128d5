namespace Dramatiq.Akka.Messages;

/// <summary>The fields of a message while it is read or copied.</summary>
internal struct Envelope
{
    internal string QueueName;
    internal string ActorName;
    internal ReadOnlyMemory<byte> Args;
    internal ReadOnlyMemory<byte> Kwargs;
    internal MessageOptions Options;
    internal string? Id;
    internal ReadOnlyMemory<byte> IdText;
    internal long Timestamp;
    internal ReadOnlyMemory<byte> TimestampText;

    // In the order in which Python writes them. The last two may be absent.
    private static readonly string[] Fields =
        ["queue_name", "actor_name", "args", "kwargs", "options", "message_id", "message_timestamp"];

    private static readonly byte[][] RawFields = [.. Fields.Select(System.Text.Encoding.UTF8.GetBytes)];

    // How each field starts when it comes in its order and without blanks.
    private static readonly byte[][] Openings =
        [.. Fields.Select((name, index) => System.Text.Encoding.UTF8.GetBytes($"{(index > 0 ? "," : "")}\"{name}\":"))];

    private const int Required = 5;
    private const int Timestamped = 6;

    /// <summary>Reads one message and nothing after it.</summary>
    internal static Envelope Read(ReadOnlyMemory<byte> body, TimeProvider? time)
    {
        WireScanner.RequireUtf8(body.Span);
        var reader = new WireReader(body.Span);
        var envelope = default(Envelope);
        var seen = 0;
        var field = -1;
        try
        {
            reader.EnterObject();
            while (NextField(ref reader, ref field))
            {
                envelope.ReadField(field, ref reader, body);
                seen |= 1 << field;
            }
        }
        catch (DecodeException e) when (field >= 0 && e.Field is null)
        {
            throw new DecodeException(e.Problem, e.Offset, Fields[field]);
        }

        reader.ExpectEnd();
        RequireFields(seen, reader.Position);
        if (envelope.IdText.IsEmpty) envelope.Id = Message.NewId();
        if ((seen & (1 << Timestamped)) == 0)
            envelope.Timestamp = (time ?? TimeProvider.System).GetUtcNow().ToUnixTimeMilliseconds();
        return envelope;
    }

    private static bool NextField(ref WireReader reader, ref int field)
    {
        var expected = field + 1;
        if (expected < Openings.Length && reader.TryTakeName(Openings[expected]))
        {
            field = expected;
            return true;
        }

        if (!reader.NextName(out ReadOnlySpan<byte> name)) return false;
        field = Find(name, expected, reader.Position);
        return true;
    }

    // Fields come in order as a rule, so the search starts where the next one should be.
    private static int Find(ReadOnlySpan<byte> name, int expected, int position)
    {
        for (var step = 0; step < RawFields.Length; step++)
        {
            var index = (expected + step) % RawFields.Length;
            if (name.SequenceEqual(RawFields[index])) return index;
        }

        var text = WireStrings.Decode(name);
        var escaped = Array.IndexOf(Fields, text);
        return escaped >= 0 ? escaped : throw new DecodeException(
            $"'{Excerpt.Of(text)}' is no field of a message (those are {string.Join(", ", Fields)}; anything else belongs into options)", position, Excerpt.Of(text));
    }

    private static void RequireFields(int seen, int end)
    {
        for (var field = 0; field < Required; field++)
            if ((seen & (1 << field)) == 0) throw new DecodeException($"the field '{Fields[field]}' is missing", end);
    }

    private void ReadField(int field, ref WireReader reader, ReadOnlyMemory<byte> body)
    {
        switch (field)
        {
            case 0:
                QueueName = NameCache.Get(reader.ReadRawString());
                break;
            case 1:
                ActorName = NameCache.Get(reader.ReadRawString());
                break;
            case 2:
                Args = Slice(WireKind.Array, "an array is expected", ref reader, body);
                break;
            case 3:
                Kwargs = Slice(WireKind.Map, "an object is expected", ref reader, body);
                break;
            case 4:
                Options = MessageOptions.Read(ref reader, body);
                break;
            case 5:
                IdText = Slice(WireKind.Text, "a string is expected", ref reader, body);
                break;
            default:
                ReadTimestamp(ref reader, body);
                break;
        }
    }

    private void ReadTimestamp(ref WireReader reader, ReadOnlyMemory<byte> body)
    {
        var text = Slice(WireKind.Number, "a number is expected", ref reader, body);
        if (System.Buffers.Text.Utf8Parser.TryParse(text.Span, out Timestamp, out var length) && length == text.Length)
        {
            TimestampText = default;
            return;
        }

        if (!WireNumbers.TryTruncate(text.Span, out Timestamp))
            WireScanner.Throw("a number of milliseconds that fits 64 bits is expected", reader.Position - text.Length);
        TimestampText = text;
    }

    private static ReadOnlyMemory<byte> Slice(WireKind kind, string otherwise, ref WireReader reader, ReadOnlyMemory<byte> body)
    {
        if (reader.Peek() != kind) WireScanner.Throw(otherwise, reader.Position);
        return body[reader.Skip()];
    }
}
