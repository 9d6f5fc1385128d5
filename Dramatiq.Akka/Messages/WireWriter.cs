using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Dramatiq.Akka.Messages;

/// <summary>
/// Writes JSON byte for byte as Python's <c>json.dumps(..., separators=(",", ":"))</c> does, into a buffer of its own that
/// grows and is used again after <see cref="Clear"/>. Commas come by themselves. For one thread at a time.
/// </summary>
public sealed class WireWriter : IBufferWriter<byte>
{
    // A buffer beyond this is not kept for the thread: one huge message should not cost its size for ever.
    private const int MaxKept = 64 * 1024;

    private static readonly SearchValues<char> Plain = SearchValues.Create(
        " !#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    [ThreadStatic]
    private static WireWriter? s_spare;

    private byte[] _buffer = new byte[256];
    private int _length;
    private bool _comma;

    /// <summary>What has been written. Valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>What has been written. Valid until the next write.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, _length);

    /// <summary>Forgets what has been written and keeps the buffer.</summary>
    public void Clear()
    {
        _length = 0;
        _comma = false;
    }

    /// <summary>A copy of what has been written.</summary>
    public byte[] ToArray() => Written.ToArray();

    /// <summary>Opens an array.</summary>
    public void WriteStartArray() => Open((byte)'[');

    /// <summary>Closes the array.</summary>
    public void WriteEndArray() => Close((byte)']');

    /// <summary>Opens an object.</summary>
    public void WriteStartObject() => Open((byte)'{');

    /// <summary>Closes the object.</summary>
    public void WriteEndObject() => Close((byte)'}');

    /// <summary>Writes the name of the value that comes next in an object.</summary>
    public void WriteName(ReadOnlySpan<char> name)
    {
        WriteString(name);
        Append(":"u8);
        _comma = false;
    }

    /// <summary>Writes <c>null</c>.</summary>
    public void WriteNull() => WriteRaw("null"u8);

    /// <summary>Writes <c>true</c> or <c>false</c>.</summary>
    public void WriteBoolean(bool value) => WriteRaw(value ? "true"u8 : "false"u8);

    /// <summary>Writes an integer.</summary>
    public void WriteNumber(long value)
    {
        Value(0);
        AppendNumber(value);
    }

    /// <summary>Writes an integer.</summary>
    public void WriteNumber(ulong value)
    {
        value.TryFormat(Value(20), out var length, provider: CultureInfo.InvariantCulture);
        _length += length;
    }

    /// <summary>Writes a float as Python's <c>repr</c> does: always with a point, an exponent, or as one of the three tokens.</summary>
    public void WriteNumber(double value)
    {
        var room = Value(PythonFloat.MaxLength);
        _length += PythonFloat.Format(value, room);
    }

    /// <summary>Writes a float with the digits that it shows as a single: <c>0.1f</c> is <c>0.1</c>, not what it widens to.</summary>
    public void WriteNumber(float value)
    {
        Span<byte> text = stackalloc byte[PythonFloat.MaxLength];
        var shortest = float.IsFinite(value) && value.TryFormat(text, out var length, "R", CultureInfo.InvariantCulture)
            ? PythonFloat.Parse(text[..length])
            : value;
        WriteNumber(shortest);
    }

    /// <summary>Writes a decimal with all its digits; without a point if it has none, so that Python reads an integer.</summary>
    public void WriteNumber(decimal value)
    {
        value.TryFormat(Value(32), out var length, provider: CultureInfo.InvariantCulture);
        _length += length;
    }

    /// <summary>Writes an integer of any size.</summary>
    public void WriteNumber(BigInteger value)
    {
        var text = value.ToString(CultureInfo.InvariantCulture);
        var room = Value(text.Length);
        _length += Encoding.ASCII.GetBytes(text, room);
    }

    /// <summary>Writes a string: ASCII only, everything else as <c>\uXXXX</c> per UTF-16 unit, so that lone surrogates pass.</summary>
    public void WriteString(ReadOnlySpan<char> value)
    {
        Value(0);
        AppendString(value);
    }

    /// <summary>Writes a value that is JSON text already, as it is. It is not checked.</summary>
    public void WriteRaw(ReadOnlySpan<byte> json)
    {
        json.CopyTo(Value(json.Length));
        _length += json.Length;
    }

    void IBufferWriter<byte>.Advance(int count) => _length += count;

    Memory<byte> IBufferWriter<byte>.GetMemory(int sizeHint)
    {
        Room(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_length);
    }

    Span<byte> IBufferWriter<byte>.GetSpan(int sizeHint) => Room(Math.Max(sizeHint, 1));

    /// <summary>Takes the thread's writer, or a new one when it is taken.</summary>
    internal static WireWriter Rent()
    {
        var writer = s_spare ?? new WireWriter();
        s_spare = null;
        return writer;
    }

    /// <summary>Gives the writer back to the thread.</summary>
    internal void Return()
    {
        Clear();
        if (_buffer.Length <= MaxKept) s_spare = this;
    }

    /// <summary>Appends punctuation or text that is part of a value; no comma comes before or after it.</summary>
    internal void Append(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Room(text.Length));
        _length += text.Length;
    }

    /// <summary>Appends a string that is part of a value; no comma comes before or after it.</summary>
    internal void AppendString(ReadOnlySpan<char> value)
    {
        Room(value.Length + 2)[0] = (byte)'"';
        _length++;
        while (true)
        {
            var plain = value.IndexOfAnyExcept(Plain);
            var run = plain < 0 ? value : value[..plain];
            _length += Encoding.ASCII.GetBytes(run, Room(run.Length));
            if (plain < 0) break;
            Escape(value[plain]);
            value = value[(plain + 1)..];
        }

        Append("\""u8);
    }

    /// <summary>Appends a number that is part of a value; no comma comes before or after it.</summary>
    internal void AppendNumber(long value)
    {
        value.TryFormat(Room(20), out var length, provider: CultureInfo.InvariantCulture);
        _length += length;
    }

    private void Open(byte bracket)
    {
        Value(1)[0] = bracket;
        _length++;
        _comma = false;
    }

    private void Close(byte bracket)
    {
        Room(1)[0] = bracket;
        _length++;
        _comma = true;
    }

    private void Escape(char unit)
    {
        var room = Room(6);
        room[0] = (byte)'\\';
        room[1] = unit switch
        {
            '"' => (byte)'"',
            '\\' => (byte)'\\',
            '\n' => (byte)'n',
            '\r' => (byte)'r',
            '\t' => (byte)'t',
            '\b' => (byte)'b',
            '\f' => (byte)'f',
            _ => (byte)'u',
        };
        if (room[1] == (byte)'u') ((int)unit).TryFormat(room[2..], out _, "x4", CultureInfo.InvariantCulture);
        _length += room[1] == (byte)'u' ? 6 : 2;
    }

    // The comma that separates this value from the one before it, and room for the value.
    private Span<byte> Value(int size)
    {
        var room = Room(size + 1);
        if (!_comma)
        {
            _comma = true;
            return room;
        }

        room[0] = (byte)',';
        _length++;
        return room[1..];
    }

    private Span<byte> Room(int size)
    {
        if (_buffer.Length - _length < size) Array.Resize(ref _buffer, checked((int)BitOperations.RoundUpToPowerOf2((uint)(_length + size))));
        return _buffer.AsSpan(_length);
    }
}
