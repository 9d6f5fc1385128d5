using System.Buffers.Text;
using System.Globalization;

namespace Dramatiq.Akka.Messages;

/// <summary>Floats as Python's <c>repr</c> writes them: the shortest digits that read back as the same double.</summary>
internal static class PythonFloat
{
    /// <summary>Room for any double: sign, 17 digits, zeros up to the 16th place, point and exponent.</summary>
    internal const int MaxLength = 40;

    /// <summary>Writes the text and gives its length. The room must be <see cref="MaxLength"/> at least.</summary>
    internal static int Format(double value, Span<byte> into)
    {
        if (!double.IsFinite(value)) return Copy(double.IsNaN(value) ? "NaN"u8 : value > 0 ? "Infinity"u8 : "-Infinity"u8, into);
        value.TryFormat(into, out var length, "R", CultureInfo.InvariantCulture);
        var text = into[..length];
        var exponent = text.IndexOf((byte)'E');
        if (exponent >= 0)
        {
            into[exponent] = (byte)'e';
            return length;
        }

        // .NET turns to exponents at 1e17, Python at 1e16; both give exponents two digits at the least.
        if (Math.Abs(value) >= 1e16) return Scientific(into, length);
        return text.Contains((byte)'.') ? length : length + Copy(".0"u8, into[length..]);
    }

    /// <summary>Reads the text of a validated JSON number. One that is too large is an infinity, as in Python.</summary>
    internal static double Parse(ReadOnlySpan<byte> number)
    {
        if (number[^1] == (byte)'y') return number[0] == (byte)'-' ? double.NegativeInfinity : double.PositiveInfinity;
        if (number[0] == (byte)'N') return double.NaN;
        return Utf8Parser.TryParse(number, out double value, out _) ? value : double.NaN;
    }

    // From 17 digits without a point.
    private static int Scientific(Span<byte> text, int length)
    {
        var point = text[0] == (byte)'-' ? 2 : 1;
        length = text[..length].TrimEnd((byte)'0').Length;
        if (length > point)
        {
            text[point..length].CopyTo(text[(point + 1)..]);
            text[point] = (byte)'.';
            length++;
        }

        return length + Copy("e+16"u8, text[length..]);
    }

    private static int Copy(ReadOnlySpan<byte> text, Span<byte> into)
    {
        text.CopyTo(into);
        return text.Length;
    }
}
