using System.Buffers.Text;

namespace Dramatiq.Akka.Messages;

/// <summary>
/// Reads JSON as Python writes it: strict JSON, and the bare tokens <c>NaN</c>, <c>Infinity</c>, <c>-Infinity</c>,
/// integers of any size, and surrogate escapes without a partner.
/// </summary>
/// <remarks>
/// Moves forward over bytes that it does not own and that must be UTF-8. Whatever it finds wrong is a
/// <see cref="DecodeException"/>, whose offset counts from the start of the span.
/// </remarks>
/// <param name="json">The text.</param>
public ref struct WireReader(ReadOnlySpan<byte> json)
{
    /// <summary>How deep arrays and objects may lie in each other: 1024, about where Python gives up.</summary>
    public const int MaxDepth = 1024;

    private readonly ReadOnlySpan<byte> _json = json;
    private int _at;
    private int _depth;
    private bool _first;

    /// <summary>The byte to be read next.</summary>
    public readonly int Position => _at;

    /// <summary>Tells the next value without reading it. Only its first byte has been looked at.</summary>
    /// <exception cref="DecodeException">No value starts here.</exception>
    public WireKind Peek() => Next() switch
    {
        (byte)'"' => WireKind.Text,
        (byte)'{' => WireKind.Map,
        (byte)'[' => WireKind.Array,
        (byte)'t' or (byte)'f' => WireKind.Boolean,
        (byte)'n' => WireKind.Null,
        (byte)'-' or (byte)'N' or (byte)'I' or (>= (byte)'0' and <= (byte)'9') => WireKind.Number,
        _ => throw new DecodeException("a value is expected", _at),
    };

    /// <summary>Passes over one value, checking all of it, and gives the bytes that it takes, without blanks around it.</summary>
    public Range Skip()
    {
        var first = Next();
        var start = _at;
        if (first is (byte)'{' or (byte)'[') SkipContainer();
        else SkipScalar(first);
        return new Range(start, _at);
    }

    /// <summary>Reads a null if there is one, else reads nothing.</summary>
    public bool TryReadNull()
    {
        if (Next() != (byte)'n') return false;
        _at = WireScanner.LiteralEnd(_json, _at, "null"u8);
        return true;
    }

    /// <summary>Reads <c>true</c> or <c>false</c>.</summary>
    public bool ReadBoolean()
    {
        Require(WireKind.Boolean, "true or false is expected");
        return _json[Skip()][0] == (byte)'t';
    }

    /// <summary>Reads an integer that fits 64 bits. A float is refused, even one without a fraction.</summary>
    public long ReadInt64()
    {
        var number = ReadNumber("an integer is expected", out var start);
        if (!Utf8Parser.TryParse(number, out long value, out var length) || length != number.Length)
            WireScanner.Throw("an integer of 64 bits is expected", start);
        return value;
    }

    /// <summary>Reads any number as the nearest double; one of the three tokens as what it says.</summary>
    public double ReadDouble() => PythonFloat.Parse(ReadNumber("a number is expected", out _));

    /// <summary>Reads a number of any size and gives its text.</summary>
    public ReadOnlySpan<byte> ReadNumber() => ReadNumber("a number is expected", out _);

    /// <summary>Reads a string.</summary>
    public string ReadString() => WireStrings.Decode(ReadRawString());

    /// <summary>Reads a string and gives the text between its quotes, with its escapes.</summary>
    public ReadOnlySpan<byte> ReadRawString()
    {
        if (Next() != (byte)'"') WireScanner.Throw("a string is expected", _at);
        var start = _at + 1;
        _at = WireScanner.StringEnd(_json, start);
        return _json[start..(_at - 1)];
    }

    /// <summary>Enters an array; call <see cref="NextItem"/> until it says no, and read one value after each yes.</summary>
    public void EnterArray() => Enter((byte)'[', "an array is expected");

    /// <summary>Enters an object; call <see cref="NextName(out ReadOnlySpan{byte})"/> until it says no, and read one value after each yes.</summary>
    public void EnterObject() => Enter((byte)'{', "an object is expected");

    /// <summary>Whether the array goes on. If not, it has been left.</summary>
    public bool NextItem() => Continue((byte)']', "',' or ']' is expected");

    /// <summary>Whether the object goes on. If not, it has been left.</summary>
    /// <param name="rawName">The text between the quotes of the name, with its escapes.</param>
    public bool NextName(out ReadOnlySpan<byte> rawName)
    {
        rawName = default;
        if (!Continue((byte)'}', "',' or '}' is expected")) return false;
        if (Next() != (byte)'"') WireScanner.Throw("a name in quotes is expected", _at);
        rawName = ReadRawString();
        ReadColon();
        return true;
    }

    /// <summary>Whether the object goes on. If not, it has been left.</summary>
    /// <param name="name">The name; empty if there is none.</param>
    public bool NextName(out string name)
    {
        var more = NextName(out ReadOnlySpan<byte> raw);
        name = more ? WireStrings.Decode(raw) : "";
        return more;
    }

    /// <summary>Refuses anything but blanks up to the end.</summary>
    public void ExpectEnd()
    {
        SkipBlanks();
        if (_at < _json.Length) WireScanner.Throw("nothing more is expected after the value", _at);
    }

    /// <summary>
    /// Takes a name that lies here byte for byte as expected, colon and the comma before it included, and so spares
    /// <see cref="NextName(out ReadOnlySpan{byte})"/>; else takes nothing.
    /// </summary>
    internal bool TryTakeName(ReadOnlySpan<byte> expected)
    {
        if (!_json[_at..].StartsWith(expected)) return false;
        _at += expected.Length;
        _first = false;
        return true;
    }

    private ReadOnlySpan<byte> ReadNumber(string otherwise, out int start)
    {
        Require(WireKind.Number, otherwise);
        start = _at;
        return _json[Skip()];
    }

    private void Require(WireKind kind, string otherwise)
    {
        if (Peek() != kind) WireScanner.Throw(otherwise, _at);
    }

    private void Enter(byte opening, string otherwise)
    {
        if (Next() != opening) WireScanner.Throw(otherwise, _at);
        if (_depth == MaxDepth) WireScanner.Throw($"nested deeper than {MaxDepth} levels", _at);
        _at++;
        _depth++;
        _first = true;
    }

    private bool Continue(byte closing, string otherwise)
    {
        var next = Next();
        if (next == closing)
        {
            _at++;
            _depth--;
            _first = false;
            return false;
        }

        if (_first)
        {
            _first = false;
            return true;
        }

        if (next != (byte)',') WireScanner.Throw(otherwise, _at);
        _at++;
        // A closing bracket after a comma is no value and no name, so whatever reads next refuses it.
        return true;
    }

    private void SkipContainer()
    {
        // One bit per level says which bracket closes it; a loop instead of recursion, so that depth costs no stack.
        Span<ulong> objects = stackalloc ulong[MaxDepth / 64];
        var outside = _depth;
        while (true)
        {
            var first = Next();
            if (first is (byte)'{' or (byte)'[')
            {
                if (_depth == MaxDepth) WireScanner.Throw($"nested deeper than {MaxDepth} levels", _at);
                var bit = 1UL << (_depth & 63);
                ref var word = ref objects[_depth >> 6];
                word = first == (byte)'{' ? word | bit : word & ~bit;
                _depth++;
                _at++;
                _first = true;
            }
            else
            {
                SkipScalar(first);
            }

            if (!SkipToNextValue(objects, outside)) return;
        }
    }

    private bool SkipToNextValue(scoped ReadOnlySpan<ulong> objects, int outside)
    {
        while (_depth > outside)
        {
            var level = _depth - 1;
            var isObject = (objects[level >> 6] & (1UL << (level & 63))) != 0;
            if (isObject ? NextName(out ReadOnlySpan<byte> _) : NextItem()) return true;
        }

        return false;
    }

    private void SkipScalar(byte first) => _at = first switch
    {
        (byte)'"' => WireScanner.StringEnd(_json, _at + 1),
        (byte)'t' => WireScanner.LiteralEnd(_json, _at, "true"u8),
        (byte)'f' => WireScanner.LiteralEnd(_json, _at, "false"u8),
        (byte)'n' => WireScanner.LiteralEnd(_json, _at, "null"u8),
        (byte)'N' => WireScanner.LiteralEnd(_json, _at, "NaN"u8),
        _ => WireScanner.NumberEnd(_json, _at),
    };

    private void ReadColon()
    {
        if (Next() != (byte)':') WireScanner.Throw("':' is expected", _at);
        _at++;
    }

    private byte Next()
    {
        SkipBlanks();
        if ((uint)_at >= (uint)_json.Length) WireScanner.Throw("the text ends too early", _json.Length);
        return _json[_at];
    }

    private void SkipBlanks()
    {
        while ((uint)_at < (uint)_json.Length && _json[_at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t') _at++;
    }
}
