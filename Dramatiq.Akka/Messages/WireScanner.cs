using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Unicode;

namespace Dramatiq.Akka.Messages;

/// <summary>Finds the ends of strings, numbers and literals, and refuses what Python's <c>json.loads</c> refuses.</summary>
internal static class WireScanner
{
    // What a plain run of a string ends at: the quote, an escape, and the control characters that strict mode refuses.
    private static readonly SearchValues<byte> StringStops = SearchValues.Create(Stops());

    /// <summary>Refuses bytes that are not UTF-8. Done once for a whole body, so that nothing after it needs to ask.</summary>
    internal static void RequireUtf8(ReadOnlySpan<byte> body)
    {
        if (!Utf8.IsValid(body)) ThrowInvalidUtf8(body);
    }

    /// <summary>Gives the place after the closing quote of the string whose text starts at <paramref name="at"/>.</summary>
    internal static int StringEnd(ReadOnlySpan<byte> json, int at)
    {
        while (true)
        {
            var stop = json[at..].IndexOfAny(StringStops);
            if (stop < 0) Throw("a string is not closed", json.Length);
            at += stop;
            var found = json[at];
            if (found == (byte)'"') return at + 1;
            if (found != (byte)'\\') Throw($"control character 0x{found:x2} in a string must be escaped", at);
            at = EscapeEnd(json, at);
        }
    }

    /// <summary>Gives the place after the number at <paramref name="at"/>, one of the three tokens that are none included.</summary>
    internal static int NumberEnd(ReadOnlySpan<byte> json, int at)
    {
        var start = at;
        if (At(json, at) == '-') at++;
        if (At(json, at) == 'I') return LiteralEnd(json, at, "Infinity"u8);
        if (At(json, at) == '0') at++;
        else at = DigitsEnd(json, at, start);

        // As in Python a point or an exponent without digits is no part of the number, and so is refused as what follows it.
        if (At(json, at) == '.' && char.IsAsciiDigit((char)At(json, at + 1))) at = DigitsEnd(json, at + 1, start);
        if ((At(json, at) | 0x20) == 'e')
        {
            var digits = At(json, at + 1) is '+' or '-' ? at + 2 : at + 1;
            if (char.IsAsciiDigit((char)At(json, digits))) at = DigitsEnd(json, digits, start);
        }

        return at;
    }

    /// <summary>Gives the place after <paramref name="literal"/>, which must be at <paramref name="at"/>.</summary>
    internal static int LiteralEnd(ReadOnlySpan<byte> json, int at, ReadOnlySpan<byte> literal)
    {
        if (!json[at..].StartsWith(literal)) Throw("a value is expected", at);
        return at + literal.Length;
    }

    [DoesNotReturn]
    internal static void Throw(string problem, int at) => throw new DecodeException(problem, at);

    private static int DigitsEnd(ReadOnlySpan<byte> json, int at, int start)
    {
        if (!char.IsAsciiDigit((char)At(json, at))) Throw("a value is expected", start);
        while (char.IsAsciiDigit((char)At(json, at))) at++;
        return at;
    }

    private static int EscapeEnd(ReadOnlySpan<byte> json, int at)
    {
        switch (At(json, at + 1))
        {
            case '"' or '\\' or '/' or 'b' or 'f' or 'n' or 'r' or 't':
                return at + 2;
            case 'u':
                for (var digit = at + 2; digit < at + 6; digit++)
                    if (!char.IsAsciiHexDigit((char)At(json, digit))) Throw("\\u in a string must be followed by four hex digits", at);
                return at + 6;
            default:
                Throw("unknown escape in a string", at);
                return at;
        }
    }

    private static int At(ReadOnlySpan<byte> json, int at) => (uint)at < (uint)json.Length ? json[at] : 0;

    private static void ThrowInvalidUtf8(ReadOnlySpan<byte> body)
    {
        var at = 0;
        while (System.Text.Rune.DecodeFromUtf8(body[at..], out _, out var consumed) == OperationStatus.Done) at += consumed;
        Throw("the bytes are not UTF-8", at);
    }

    private static byte[] Stops()
    {
        var stops = new byte[0x22];
        for (var control = 0; control < 0x20; control++) stops[control] = (byte)control;
        stops[0x20] = (byte)'"';
        stops[0x21] = (byte)'\\';
        return stops;
    }
}
