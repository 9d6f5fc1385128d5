using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Actors.Binding;

/// <summary>
/// Where the arguments of one message lie, by parameter. The message's text is gone through once; values are read from
/// it when they are asked for, so none is boxed. Used again for later messages of the same thread.
/// </summary>
internal sealed class ArgumentSet
{
    [ThreadStatic]
    private static ArgumentSet? s_spare;

    private readonly List<Range> _rest = [];
    private Slot[] _slots = new Slot[8];
    private ReadOnlyMemory<byte> _args;
    private ReadOnlyMemory<byte> _kwargs;
    private Signature _signature = null!;
    private WireJson _json = null!;

    private enum Source : byte
    {
        Absent,
        Args,
        Kwargs,
    }

    /// <summary>Finds the arguments of the message. Give the set back with <see cref="Return"/>.</summary>
    /// <exception cref="ArgumentBindingException">An argument is missing, unexpected or given twice.</exception>
    internal static ArgumentSet Of(Message message, Signature signature, WireJson json)
    {
        // Taken for as long as it is used: a handler may run on this stack and bind in its turn.
        var set = s_spare ?? new ArgumentSet();
        s_spare = null;
        set.Start(message, signature, json);
        set.FindPositional();
        set.FindNamed();
        set.RequireAll();
        return set;
    }

    /// <summary>Lets go of the message, and keeps the set for the thread.</summary>
    internal void Return()
    {
        _args = default;
        _kwargs = default;
        s_spare = this;
    }

    /// <summary>Whether the message has an argument for the parameter.</summary>
    internal bool Has(int index) => _slots[index].Source != Source.Absent;

    /// <summary>Reads the argument for the parameter.</summary>
    internal T Get<T>(int index)
    {
        ref readonly var slot = ref _slots[index];
        var value = Read<T>(index, (slot.Source == Source.Args ? _args : _kwargs).Span.Slice(slot.Start, slot.Length));
        if (value is null && _signature.Parameters[index].RefusesNull) throw _signature.IsNull(index);
        return value!;
    }

    /// <summary>Reads the positional arguments that no other parameter takes.</summary>
    internal T[] Rest<T>(int index)
    {
        if (_rest.Count == 0) return [];
        var items = new T[_rest.Count];
        for (var item = 0; item < items.Length; item++) items[item] = Read<T>(index, _args.Span[_rest[item]])!;
        return items;
    }

    private T? Read<T>(int index, ReadOnlySpan<byte> json)
    {
        try
        {
            return _json.Read<T>(json);
        }
        catch (WireTypeException e)
        {
            throw _signature.Unreadable(index, e);
        }
    }

    private void Start(Message message, Signature signature, WireJson json)
    {
        _signature = signature;
        _json = json;
        _args = message.Args;
        _kwargs = message.Kwargs;
        _rest.Clear();
        if (_slots.Length < signature.Parameters.Length) _slots = new Slot[signature.Parameters.Length];
        else _slots.AsSpan(0, signature.Parameters.Length).Clear();
    }

    private void FindPositional()
    {
        var reader = new WireReader(_args.Span);
        var given = 0;
        reader.EnterArray();
        for (; reader.NextItem(); given++)
        {
            var range = reader.Skip();
            if (given < _signature.Positional) _slots[given] = new Slot(Source.Args, range);
            else if (_signature.TakesRest) _rest.Add(range);
        }

        if (given > _signature.Positional && !_signature.TakesRest) throw _signature.TooMany(given);
    }

    private void FindNamed()
    {
        var reader = new WireReader(_kwargs.Span);
        reader.EnterObject();
        while (reader.NextName(out ReadOnlySpan<byte> name))
        {
            var index = _signature.IndexOf(name);
            if (index < 0) index = FindEscaped(name);
            if (_slots[index].Source == Source.Args || (index == _signature.Positional && _rest.Count > 0)) throw _signature.Twice(index);
            _slots[index] = new Slot(Source.Kwargs, reader.Skip());
        }
    }

    private int FindEscaped(ReadOnlySpan<byte> rawName)
    {
        var name = WireStrings.Decode(rawName);
        var index = _signature.IndexOf(System.Text.Encoding.UTF8.GetBytes(name));
        return index >= 0 ? index : throw _signature.Unexpected(name);
    }

    private void RequireAll()
    {
        for (var index = 0; index < _signature.Positional; index++)
            if (_slots[index].Source == Source.Absent && !_signature.Parameters[index].HasDefault) throw _signature.Missing(index);
    }

    private readonly struct Slot(Source source, Range range)
    {
        internal readonly int Start = range.Start.Value;
        internal readonly int Length = range.End.Value - range.Start.Value;
        internal readonly Source Source = source;
    }
}
