using System.Buffers.Text;

namespace Dramatiq.Akka.Messages;

/// <summary>
/// The options of a message, in the order of the wire. Immutable. Values stay the JSON text that they came as, so options
/// of other libraries pass through untouched.
/// </summary>
public sealed class MessageOptions
{
    private readonly Option[] _options;
    private readonly int _count;

    private MessageOptions(Option[] options, int count)
    {
        _options = options;
        _count = count;
    }

    /// <summary>No options.</summary>
    public static MessageOptions Empty { get; } = new([], 0);

    /// <summary>How many there are.</summary>
    public int Count => _count;

    /// <summary>How long their names and values are together.</summary>
    internal int Length
    {
        get
        {
            var length = 0;
            for (var index = 0; index < _count; index++)
                length += _options[index].Name.Length + _options[index].Raw.Length;
            return length;
        }
    }

    /// <summary>Reads options from the text of a JSON object. The result keeps slices of it.</summary>
    /// <exception cref="DecodeException">The text is no JSON object.</exception>
    public static MessageOptions Decode(ReadOnlyMemory<byte> json)
    {
        WireScanner.RequireUtf8(json.Span);
        var reader = new WireReader(json.Span);
        var options = Read(ref reader, json);
        reader.ExpectEnd();
        return options;
    }

    /// <summary>The name at a place, counted from 0.</summary>
    public string NameAt(int index) => At(index).Name;

    /// <summary>The JSON text at a place, counted from 0.</summary>
    public ReadOnlyMemory<byte> RawAt(int index) => At(index).Raw;

    /// <summary>Whether the option is there, if only as null.</summary>
    public bool Contains(string name) => IndexOf(name) >= 0;

    /// <summary>Gives the JSON text of the option; false if it is absent.</summary>
    public bool TryGetRaw(string name, out ReadOnlyMemory<byte> json)
    {
        var index = IndexOf(name);
        json = index < 0 ? default : _options[index].Raw;
        return index >= 0;
    }

    /// <summary>Whether the option is there and null.</summary>
    public bool IsNull(string name) => Text(name).SequenceEqual("null"u8);

    /// <summary>Gives an integer, or a float without its fraction; false if it is absent, null, of another type or does not fit.</summary>
    public bool TryGetInt64(string name, out long value)
    {
        value = 0;
        var text = Text(name);
        return WireNumbers.Is(text) && WireNumbers.TryTruncate(text, out value);
    }

    /// <summary>Gives a number, one of the three tokens included; false if it is absent, null or of another type.</summary>
    public bool TryGetDouble(string name, out double value)
    {
        var text = Text(name);
        var isNumber = WireNumbers.Is(text);
        value = isNumber ? PythonFloat.Parse(text) : 0;
        return isNumber;
    }

    /// <summary>Gives a string; false if it is absent, null or of another type.</summary>
    public bool TryGetString(string name, out string value)
    {
        var text = Text(name);
        var isString = text.Length >= 2 && text[0] == (byte)'"';
        value = isString ? NameCache.Get(text[1..^1]) : "";
        return isString;
    }

    /// <summary>Gives a boolean; false if it is absent, null or of another type.</summary>
    public bool TryGetBoolean(string name, out bool value)
    {
        var text = Text(name);
        value = text.SequenceEqual("true"u8);
        return value || text.SequenceEqual("false"u8);
    }

    /// <summary>What Python's <c>if</c> says of the option: false if it is absent, null, false, zero or empty.</summary>
    public bool IsTruthy(string name)
    {
        var text = Text(name);
        if (text.IsEmpty) return false;
        switch (text[0])
        {
            case (byte)'n' or (byte)'f':
                return false;
            case (byte)'"':
                return text.Length > 2;
            case (byte)'{' or (byte)'[':
                return text[1..^1].ContainsAnyExcept(" \t\r\n"u8);
            default:
                return !WireNumbers.Is(text) || PythonFloat.Parse(text) != 0;
        }
    }

    /// <summary>A copy with an integer in the option's place, or at the end if it is new.</summary>
    public MessageOptions With(string name, long value)
    {
        Span<byte> text = stackalloc byte[20];
        Utf8Formatter.TryFormat(value, text, out var length);
        return WithRaw(name, text[..length].ToArray());
    }

    /// <summary>A copy with a string, or null, in the option's place, or at the end if it is new.</summary>
    public MessageOptions With(string name, string? value)
    {
        var writer = WireWriter.Rent();
        if (value is null) writer.WriteNull();
        else writer.WriteString(value);
        var raw = writer.ToArray();
        writer.Return();
        return WithRaw(name, raw);
    }

    /// <summary>A copy with a boolean in the option's place, or at the end if it is new.</summary>
    public MessageOptions With(string name, bool value) => WithRaw(name, value ? "true"u8.ToArray() : "false"u8.ToArray());

    /// <summary>A copy with a float in the option's place, or at the end if it is new.</summary>
    public MessageOptions With(string name, double value)
    {
        Span<byte> text = stackalloc byte[PythonFloat.MaxLength];
        return WithRaw(name, text[..PythonFloat.Format(value, text)].ToArray());
    }

    /// <summary>A copy with a value in the option's place, or at the end if it is new.</summary>
    /// <param name="name">The option.</param>
    /// <param name="json">The text of one JSON value, without blanks around it. It is not checked or copied, and must not change.</param>
    public MessageOptions WithRaw(string name, ReadOnlyMemory<byte> json)
    {
        ArgumentNullException.ThrowIfNull(name);
        var index = IndexOf(name);
        var count = index < 0 ? _count + 1 : _count;
        var options = new Option[count];
        _options.AsSpan(0, _count).CopyTo(options);
        options[index < 0 ? _count : index] = new Option(name, json);
        return new MessageOptions(options, count);
    }

    /// <summary>A copy without these options; this one if it has none of them.</summary>
    public MessageOptions Without(params ReadOnlySpan<string> names)
    {
        var kept = new Option[_count];
        var count = 0;
        foreach (var option in _options.AsSpan(0, _count))
            if (!names.Contains(option.Name)) kept[count++] = option;
        return count == _count ? this : count == 0 ? Empty : new MessageOptions(kept, count);
    }

    /// <summary>Goes through the options in order, without allocating.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>Writes the options as one JSON object.</summary>
    public void WriteTo(WireWriter writer)
    {
        writer.WriteRaw([]);
        AppendTo(writer);
    }

    internal void AppendTo(WireWriter writer)
    {
        writer.Append("{"u8);
        for (var index = 0; index < _count; index++)
        {
            if (index > 0) writer.Append(","u8);
            writer.AppendString(_options[index].Name);
            writer.Append(":"u8);
            writer.Append(_options[index].Raw.Span);
        }

        writer.Append("}"u8);
    }

    internal static MessageOptions Read(ref WireReader reader, ReadOnlyMemory<byte> body)
    {
        var builder = default(MessageOptionsBuilder);
        reader.EnterObject();
        while (reader.NextName(out ReadOnlySpan<byte> name)) builder.Set(NameCache.Get(name), body[reader.Skip()]);
        return builder.Count == 0 ? Empty : new MessageOptions(builder.Options, builder.Count);
    }

    private ref readonly Option At(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_count, nameof(index));
        return ref _options[index];
    }

    private int IndexOf(string name)
    {
        for (var index = 0; index < _count; index++)
            if (_options[index].Name == name) return index;
        return -1;
    }

    private ReadOnlySpan<byte> Text(string name)
    {
        var index = IndexOf(name);
        return index < 0 ? default : _options[index].Raw.Span;
    }

    /// <summary>Goes through the options in order.</summary>
    public struct Enumerator
    {
        private readonly MessageOptions _options;
        private int _index;

        internal Enumerator(MessageOptions options)
        {
            _options = options;
            _index = -1;
        }

        /// <summary>The option at hand: its name and its JSON text.</summary>
        public readonly (string Name, ReadOnlyMemory<byte> Raw) Current => (_options.NameAt(_index), _options.RawAt(_index));

        /// <summary>Goes on to the next option; false after the last.</summary>
        public bool MoveNext() => ++_index < _options._count;
    }
}
