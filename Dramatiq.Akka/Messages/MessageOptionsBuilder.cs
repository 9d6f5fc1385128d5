namespace Dramatiq.Akka.Messages;

/// <summary>One option: its name and its JSON text.</summary>
internal readonly record struct Option(string Name, ReadOnlyMemory<byte> Raw);

/// <summary>Gathers options from the wire. Of two with the same name the last counts, in the place of the first, as in Python.</summary>
internal struct MessageOptionsBuilder
{
    // Up to here a search through all names is the fastest; beyond it, it would let a hostile body take quadratic time.
    private const int MaxSearched = 16;

    private Dictionary<string, int>? _places;

    internal Option[] Options { get; private set; }

    internal int Count { get; private set; }

    internal void Set(string name, ReadOnlyMemory<byte> raw)
    {
        var place = Place(name);
        if (place == Count) Add(name);
        Options[place] = new Option(name, raw);
    }

    private readonly int Place(string name)
    {
        if (_places is not null) return _places.GetValueOrDefault(name, Count);
        for (var index = 0; index < Count; index++)
            if (Options[index].Name == name) return index;
        return Count;
    }

    private void Add(string name)
    {
        if (Options is null || Count == Options.Length)
        {
            var larger = new Option[Options is null ? 4 : Count * 2];
            Options?.CopyTo(larger, 0);
            Options = larger;
        }

        Options[Count] = new Option(name, default);
        _places?.Add(name, Count);
        if (++Count == MaxSearched) _places = Index();
    }

    private readonly Dictionary<string, int> Index()
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var index = 0; index < MaxSearched; index++) places.Add(Options[index].Name, index);
        return places;
    }
}
