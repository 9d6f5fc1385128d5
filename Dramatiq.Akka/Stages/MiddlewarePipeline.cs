using Dramatiq.Akka.Actors;

namespace Dramatiq.Akka.Stages;

/// <summary>The middleware of one system in order, and what follows from the order: slots, slips, who owns which option.</summary>
internal sealed class MiddlewarePipeline
{
    /// <summary>Slots are bits of one word, and the handler takes one more place.</summary>
    private const int MostStages = 62;

    private readonly Middleware[] _all;
    private readonly Middleware[] _staged;
    private readonly Props[] _props;
    private readonly Dictionary<string, ActorOption> _options = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ulong> _slotsByOption = new(StringComparer.Ordinal);

    public MiddlewarePipeline(IReadOnlyList<Middleware> middleware, MiddlewareServices services)
    {
        Services = services;
        _all = [.. middleware];
        for (var i = 0; i < _all.Length; i++)
        {
            _all[i].Index = i;
            _all[i].Services = services;
        }

        _staged = [.. _all.Where(one => one.ProcessingStage is not null)];
        _props = [.. _staged.Select(one => one.ProcessingStage!)];
        if (_staged.Length > MostStages)
            throw new DeclarationException($"{_staged.Length} middleware with a processing stage are registered, and {MostStages} is the limit.");

        foreach (var one in _all)
            foreach (var option in one.Options)
                if (!_options.TryAdd(option.Name, option))
                    throw new DeclarationException($"Option '{option.Name}' is owned by two middleware; one of them is {one.Name}. Rename the option of one.");

        for (var slot = 0; slot < _staged.Length; slot++)
            foreach (var name in _staged[slot].MessageOptions)
                _slotsByOption[name] = _slotsByOption.GetValueOrDefault(name) | (1UL << slot);

        Decider = Array.FindIndex(_staged, one => one.DecidesFailures);
    }

    public MiddlewareServices Services { get; }

    public IReadOnlyList<Middleware> All => _all;

    public int StageCount => _staged.Length;

    /// <summary>The slot of the stage that decides what becomes of failed messages; -1 for none.</summary>
    public int Decider { get; }

    public Props StageProps(int slot) => _props[slot];

    public string StageName(int slot) => _staged[slot].Name;

    public object?[] Prepare(DeclaredActor actor)
    {
        var settings = new object?[_all.Length];
        for (var i = 0; i < _all.Length; i++)
            settings[i] = _all[i].Prepare(actor);
        return settings;
    }

    public ulong SlotsOf(DeclaredActor actor)
    {
        var slots = 0UL;
        for (var slot = 0; slot < _staged.Length; slot++)
            if (_staged[slot].IsNeededBy(actor))
                slots |= 1UL << slot;
        return slots;
    }

    public ulong SlotsCalledForBy(string option) => _slotsByOption.GetValueOrDefault(option);

    public RoutingSlip CreateSlip(ulong slots)
    {
        var readers = 0;
        for (var slot = 0; slot < _staged.Length; slot++)
            if ((slots & (1UL << slot)) != 0 && _staged[slot].ReadsResult)
                readers++;
        return new RoutingSlip(slots, _staged.Length, readers);
    }

    public IReadOnlyList<string> NamesOf(ulong slots) =>
        [.. Enumerable.Range(0, _staged.Length).Where(slot => (slots & (1UL << slot)) != 0).Select(StageName)];

    public void Check(DeclaredActor actor, Declarations declarations)
    {
        foreach (var one in _all)
            one.Check(actor, declarations);
    }

    /// <summary>The declared options in the form their middleware reads.</summary>
    public IReadOnlyDictionary<string, object?> Converted(ActorDeclaration declaration)
    {
        var converted = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, value) in declaration.Options)
        {
            if (!_options.TryGetValue(name, out var option))
                throw new DeclarationException(
                    $"Actor '{declaration.Name}': option '{name}' is owned by no middleware. Known options: {string.Join(", ", _options.Keys.Order(StringComparer.Ordinal))}. Correct the name, or add the middleware that owns it.");

            converted[name] = option.Convert(declaration.Name, value);
        }

        return converted;
    }
}
