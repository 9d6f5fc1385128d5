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
        var exponent = into[..length].IndexOf((byte)'E');
        if (exponent < 0) return into[..length].Contains((byte)'.') ? length : length + Copy(".0"u8, into[length..]);

        // .NET turns to exponents at 1e15 already, Python at 1e16; both give exponents two digits at the least.
        if (into[exponent..length].SequenceEqual("E+15"u8)) return Positional(into, exponent);
        into[exponent] = (byte)'e';
        return length;
    }

    /// <summary>Reads the text of a validated JSON number. One that is too large is an infinity, as in Python.</summary>
    internal static double Parse(ReadOnlySpan<byte> number)
    {
        if (number[^1] == (byte)'y') return number[0] == (byte)'-' ? double.NegativeInfinity : double.PositiveInfinity;
        if (number[0] == (byte)'N') return double.NaN;
        return Utf8Parser.TryParse(number, out double value, out _) ? value : double.NaN;
    }

    private static int Positional(Span<byte> text, int exponent)
    {
        Span<byte> digits = stackalloc byte[MaxLength];
        var count = 0;
        var sign = text[0] == (byte)'-' ? 1 : 0;
        foreach (var each in text[sign..exponent])
            if (each != (byte)'.') digits[count++] = each;
        while (count < 17) digits[count++] = (byte)'0';

        digits[..16].CopyTo(text[sign..]);
        text[sign + 16] = (byte)'.';
        text[sign + 17] = digits[16];
        return sign + 18;
    }

    private static int Copy(ReadOnlySpan<byte> text, Span<byte> into)
    {
        text.CopyTo(into);
        return text.Length;
    }
}
