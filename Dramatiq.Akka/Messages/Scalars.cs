using System.Collections.Frozen;
using System.Globalization;
using System.Numerics;

namespace Dramatiq.Akka.Messages;

/// <summary>The types that are read and written without a serializer, and how.</summary>
internal static class Scalars
{
    // Python itself refuses to read longer ones: turning digits into a number takes more than linear time.
    private const int MaxDigits = 4300;
    private const NumberStyles IntegerStyle = NumberStyles.AllowLeadingSign;
    private const NumberStyles DecimalStyle = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    private static readonly FrozenDictionary<Type, ScalarFormat> Formats = All().ToFrozenDictionary();

    /// <summary>Every type that has a format.</summary>
    internal static IReadOnlyList<Type> Types => Formats.Keys;

    internal static ScalarFormat? For(Type type) => Formats.GetValueOrDefault(type);

    private static Dictionary<Type, ScalarFormat> All()
    {
        var formats = new Dictionary<Type, ScalarFormat>();
        Add<bool>(formats, ReadBoolean, static (writer, value) => writer.WriteBoolean(value));
        Add(formats, ReadInteger<sbyte>, static (writer, value) => writer.WriteNumber((long)value));
        Add(formats, ReadInteger<byte>, static (writer, value) => writer.WriteNumber((long)value));
        Add(formats, ReadInteger<short>, static (writer, value) => writer.WriteNumber((long)value));
        Add(formats, ReadInteger<ushort>, static (writer, value) => writer.WriteNumber((long)value));
        Add(formats, ReadInteger<int>, static (writer, value) => writer.WriteNumber((long)value));
        Add(formats, ReadInteger<uint>, static (writer, value) => writer.WriteNumber((long)value));
        Add(formats, ReadInteger<long>, static (writer, value) => writer.WriteNumber(value));
        Add(formats, ReadInteger<ulong>, static (writer, value) => writer.WriteNumber(value));
        Add<BigInteger>(formats, ReadBigInteger, static (writer, value) => writer.WriteNumber(value));
        Add<double>(formats, ReadDouble, static (writer, value) => writer.WriteNumber(value));
        Add<float>(formats, static json => (float)ReadDouble(json), static (writer, value) => writer.WriteNumber(value));
        Add<decimal>(formats, ReadDecimal, static (writer, value) => writer.WriteNumber(value));
        Add<JsonText>(formats, static json => new JsonText(json), static (writer, value) => writer.WriteRaw(value.Utf8.Span));
        formats[typeof(string)] = new ScalarFormat<string?>(ReadString, WriteString);
        formats[typeof(Message)] = new ScalarFormat<Message?>(ReadMessage, WriteMessage);
        return formats;
    }

    private static void Add<T>(Dictionary<Type, ScalarFormat> formats, ScalarRead<T> read, ScalarWrite<T> write) where T : struct
    {
        formats[typeof(T)] = new ScalarFormat<T>(read, write);
        formats[typeof(T?)] = new ScalarFormat<T?>(
            json => json.SequenceEqual("null"u8) ? null : read(json),
            (writer, value) =>
            {
                if (value is { } present) write(writer, present);
                else writer.WriteNull();
            });
    }

    private static void WriteString(WireWriter writer, string? value)
    {
        if (value is null) writer.WriteNull();
        else writer.WriteString(value);
    }

    private static string? ReadString(ReadOnlySpan<byte> json)
    {
        if (json.SequenceEqual("null"u8)) return null;
        var reader = new WireReader(json);
        if (json.IsEmpty || json[0] != (byte)'"') throw Mismatch<string>(json, "a string is expected");
        var value = reader.ReadString();
        reader.ExpectEnd();
        return value;
    }

    // A callback is given the message that it is about as an argument.
    private static Message? ReadMessage(ReadOnlySpan<byte> json)
    {
        if (json.SequenceEqual("null"u8)) return null;
        try
        {
            return Message.Decode(json.ToArray());
        }
        catch (DecodeException e)
        {
            throw Mismatch<Message>(json, $"a message is expected, and {e.Problem}");
        }
    }

    private static void WriteMessage(WireWriter writer, Message? value)
    {
        if (value is null) writer.WriteNull();
        else value.WriteTo(writer);
    }

    private static bool ReadBoolean(ReadOnlySpan<byte> json) =>
        json.SequenceEqual("true"u8) || (json.SequenceEqual("false"u8) ? false : throw Mismatch<bool>(json, "true or false is expected"));

    private static T ReadInteger<T>(ReadOnlySpan<byte> json) where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
    {
        if (T.TryParse(json, IntegerStyle, CultureInfo.InvariantCulture, out var value) && json[0] != (byte)'+') return value;
        throw Mismatch<T>(json, IsInteger(json) ? $"an integer from {T.MinValue} to {T.MaxValue} is expected" : "an integer is expected");
    }

    private static BigInteger ReadBigInteger(ReadOnlySpan<byte> json)
    {
        if (!IsInteger(json)) throw Mismatch<BigInteger>(json, "an integer is expected");
        if (json.Length > MaxDigits) throw Mismatch<BigInteger>(json, $"an integer of at most {MaxDigits} digits is expected");
        Span<char> digits = stackalloc char[json.Length];
        for (var index = 0; index < json.Length; index++) digits[index] = (char)json[index];
        return BigInteger.Parse(digits, IntegerStyle, CultureInfo.InvariantCulture);
    }

    private static double ReadDouble(ReadOnlySpan<byte> json) =>
        IsNumber(json) ? PythonFloat.Parse(json) : throw Mismatch<double>(json, "a number is expected");

    private static decimal ReadDecimal(ReadOnlySpan<byte> json)
    {
        if (!IsNumber(json)) throw Mismatch<decimal>(json, "a number is expected");
        return decimal.TryParse(json, DecimalStyle, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw Mismatch<decimal>(json, $"a number from {decimal.MinValue} to {decimal.MaxValue} is expected");
    }

    private static bool IsInteger(ReadOnlySpan<byte> json) =>
        IsNumber(json) && WireNumbers.IsWhole(json);

    private static bool IsNumber(ReadOnlySpan<byte> json)
    {
        if (!WireNumbers.Is(json)) return false;
        var reader = new WireReader(json);
        return json[reader.Skip()].Length == json.Length;
    }

    private static WireTypeException Mismatch<T>(ReadOnlySpan<byte> json, string expected) => new(json, typeof(T), expected);
}
