using System.Buffers;
using System.Buffers.Text;

namespace Dramatiq.Akka.Messages;

/// <summary>Integers out of the text of validated JSON numbers.</summary>
internal static class WireNumbers
{
    // The doubles next to the ends of a long: -2^63 is one of its values, 2^63 is not.
    private const double Lowest = -9223372036854775808.0;
    private const double Beyond = 9223372036854775808.0;

    private static readonly SearchValues<byte> IntegerText = SearchValues.Create("-0123456789"u8);

    /// <summary>Whether the number is written as an integer.</summary>
    internal static bool IsWhole(ReadOnlySpan<byte> number) => !number.ContainsAnyExcept(IntegerText);

    /// <summary>Reads an integer, or a float without its fraction; false if it does not fit or is no finite number.</summary>
    internal static bool TryTruncate(ReadOnlySpan<byte> number, out long value)
    {
        if (Utf8Parser.TryParse(number, out value, out var length) && length == number.Length) return true;
        var wide = PythonFloat.Parse(number);
        var fits = wide is >= Lowest and < Beyond;
        value = fits ? (long)wide : 0;
        return fits;
    }

    /// <summary>Whether the text is a JSON number, one of the three tokens included.</summary>
    internal static bool Is(ReadOnlySpan<byte> json) =>
        !json.IsEmpty && (json[0] is (byte)'-' or (byte)'N' or (byte)'I' || char.IsAsciiDigit((char)json[0]));
}
