using System.Buffers;
using System.Globalization;
using System.Text;

namespace Dramatiq.Akka.Messages;

/// <summary>Turns the text between the quotes of a JSON string into what it means.</summary>
internal static class WireStrings
{
    private const int MaxOnStack = 256;

    /// <summary>Decodes validated text. A surrogate escape without its partner is let through, as Python does.</summary>
    internal static string Decode(ReadOnlySpan<byte> raw)
    {
        var escape = raw.IndexOf((byte)'\\');
        return escape < 0 ? Encoding.UTF8.GetString(raw) : Unescape(raw, escape);
    }

    private static string Unescape(ReadOnlySpan<byte> raw, int escape)
    {
        // No form of UTF-8 or of an escape gives more UTF-16 units than it has bytes.
        var rented = raw.Length > MaxOnStack ? ArrayPool<char>.Shared.Rent(raw.Length) : null;
        var chars = rented ?? stackalloc char[MaxOnStack];
        var count = 0;
        while (escape >= 0)
        {
            count += Encoding.UTF8.GetChars(raw[..escape], chars[count..]);
            chars[count++] = Escaped(raw[escape..], out var length);
            raw = raw[(escape + length)..];
            escape = raw.IndexOf((byte)'\\');
        }

        count += Encoding.UTF8.GetChars(raw, chars[count..]);
        var text = new string(chars[..count]);
        if (rented is not null) ArrayPool<char>.Shared.Return(rented);
        return text;
    }

    private static char Escaped(ReadOnlySpan<byte> raw, out int length)
    {
        length = 2;
        switch (raw[1])
        {
            case (byte)'b': return '\b';
            case (byte)'f': return '\f';
            case (byte)'n': return '\n';
            case (byte)'r': return '\r';
            case (byte)'t': return '\t';
            case (byte)'u':
                length = 6;
                return (char)ushort.Parse(raw[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            default: return (char)raw[1];
        }
    }
}
