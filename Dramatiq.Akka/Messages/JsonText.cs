using System.Text;

namespace Dramatiq.Akka.Messages;

/// <summary>
/// Any JSON value, kept as its text: for a handler that passes a value on, or reads it in its own way. As a parameter of a
/// handler it is the text as sent; inside another type, blanks and escapes may differ from it. The default is <c>null</c>.
/// </summary>
public readonly struct JsonText : IEquatable<JsonText>
{
    private static readonly byte[] Null = "null"u8.ToArray();
    private readonly ReadOnlyMemory<byte> _utf8;

    /// <summary>Takes a copy of the text of one JSON value in UTF-8, Python's tokens such as <c>NaN</c> allowed.</summary>
    /// <exception cref="DecodeException">It is none.</exception>
    public JsonText(ReadOnlySpan<byte> utf8)
    {
        WireScanner.RequireUtf8(utf8);
        var reader = new WireReader(utf8);
        var value = reader.Skip();
        reader.ExpectEnd();
        _utf8 = utf8[value].ToArray();
    }

    /// <summary>Takes the text of one JSON value.</summary>
    /// <exception cref="DecodeException">It is none.</exception>
    public JsonText(string text) : this(Encoding.UTF8.GetBytes(text))
    {
    }

    /// <summary>The text in UTF-8.</summary>
    public ReadOnlyMemory<byte> Utf8 => _utf8.IsEmpty ? Null : _utf8;

    /// <summary>Whether two texts are the same, byte for byte.</summary>
    public static bool operator ==(JsonText left, JsonText right) => left.Equals(right);

    /// <summary>Whether two texts differ in any byte.</summary>
    public static bool operator !=(JsonText left, JsonText right) => !left.Equals(right);

    /// <inheritdoc />
    public bool Equals(JsonText other) => Utf8.Span.SequenceEqual(other.Utf8.Span);

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is JsonText other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Utf8.Span);
        return hash.ToHashCode();
    }

    /// <summary>The text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Utf8.Span);
}
