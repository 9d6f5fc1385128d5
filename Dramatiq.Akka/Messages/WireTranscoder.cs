namespace Dramatiq.Akka.Messages;

/// <summary>Turns valid JSON text into another form of the same value, string by string and token by token.</summary>
internal static class WireTranscoder
{
    /// <summary>Appends the text as Python writes it: without blanks, strings in ASCII, quoted tokens bare again.</summary>
    internal static void ToPython(ReadOnlySpan<byte> json, WireWriter writer)
    {
        writer.WriteRaw([]);
        while (!json.IsEmpty)
        {
            var stop = json.IndexOfAny("\" \t\r\n"u8);
            if (stop < 0) stop = json.Length;
            writer.Append(json[..stop]);
            json = json[stop..];
            if (json.IsEmpty) return;
            json = json[(json[0] == (byte)'"' ? AppendString(json, writer) : 1)..];
        }
    }

    /// <summary>Appends the text with its bare tokens quoted; see <see cref="BareTokens"/>.</summary>
    internal static void QuoteTokens(ReadOnlySpan<byte> json, WireWriter writer)
    {
        while (!json.IsEmpty)
        {
            var stop = json.IndexOfAny("\"NI"u8);
            if (stop < 0) stop = json.Length;
            if (stop > 0 && stop < json.Length && json[stop - 1] == (byte)'-') stop--;
            writer.Append(json[..stop]);
            json = json[stop..];
            if (json.IsEmpty) return;
            json = json[(json[0] == (byte)'"' ? AppendString(json, writer) : AppendToken(json, writer))..];
        }
    }

    private static int AppendToken(ReadOnlySpan<byte> json, WireWriter writer)
    {
        var end = json[0] == (byte)'N' ? WireScanner.LiteralEnd(json, 0, "NaN"u8) : WireScanner.NumberEnd(json, 0);
        writer.Append(BareTokens.Quoted(json[..end]));
        return end;
    }

    private static int AppendString(ReadOnlySpan<byte> json, WireWriter writer)
    {
        var end = WireScanner.StringEnd(json, 1);
        var raw = json[1..(end - 1)];
        if (raw.ContainsAnyExceptInRange((byte)' ', (byte)'~') || raw.Contains((byte)'\\')) writer.AppendString(WireStrings.Decode(raw));
        else writer.Append(json[..end]);
        return end;
    }
}
