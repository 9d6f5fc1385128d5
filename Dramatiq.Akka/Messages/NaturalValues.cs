using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Dramatiq.Akka.Messages;

/// <summary>
/// JSON values of no declared type: null, bool, long, BigInteger where a long is too small, double, string,
/// <see cref="List{T}"/> and <see cref="Dictionary{TKey, TValue}"/> of the same.
/// </summary>
internal static class NaturalValues
{
    internal static object? Read(ReadOnlySpan<byte> json)
    {
        var reader = new WireReader(json);
        var value = Read(ref reader);
        reader.ExpectEnd();
        return value;
    }

    /// <summary>Writes the value if it is one of these lists or dictionaries; its items may be of any type.</summary>
    internal static bool TryWrite(WireJson json, WireWriter writer, object value)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (value)
        {
            case List<object?> items:
                writer.WriteStartArray();
                foreach (var item in items) json.Write(writer, item);
                writer.WriteEndArray();
                return true;
            case Dictionary<string, object?> members:
                writer.WriteStartObject();
                foreach (var (name, member) in members)
                {
                    writer.WriteName(name);
                    json.Write(writer, member);
                }

                writer.WriteEndObject();
                return true;
            default:
                return false;
        }
    }

    private static object? Read(ref WireReader reader)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return reader.Peek() switch
        {
            WireKind.Null => ReadNull(ref reader),
            WireKind.Boolean => reader.ReadBoolean(),
            WireKind.Number => ReadNumber(reader.ReadNumber()),
            WireKind.Text => reader.ReadString(),
            WireKind.Array => ReadArray(ref reader),
            _ => ReadObject(ref reader),
        };
    }

    private static object? ReadNull(ref WireReader reader)
    {
        reader.TryReadNull();
        return null;
    }

    private static object ReadNumber(ReadOnlySpan<byte> number)
    {
        if (!WireNumbers.IsWhole(number)) return PythonFloat.Parse(number);
        if (long.TryParse(number, CultureInfo.InvariantCulture, out var value)) return value;
        return ScalarFormat<BigInteger>.Instance!.Read(number);
    }

    private static List<object?> ReadArray(ref WireReader reader)
    {
        var items = new List<object?>();
        reader.EnterArray();
        while (reader.NextItem()) items.Add(Read(ref reader));
        return items;
    }

    private static Dictionary<string, object?> ReadObject(ref WireReader reader)
    {
        var members = new Dictionary<string, object?>(StringComparer.Ordinal);
        reader.EnterObject();
        while (reader.NextName(out string name)) members[name] = Read(ref reader);
        return members;
    }
}
