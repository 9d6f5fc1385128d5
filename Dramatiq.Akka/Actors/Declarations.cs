using System.Diagnostics.CodeAnalysis;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Actors;

/// <summary>Every actor that this process knows, by name and by task type. Built once while the host starts.</summary>
public sealed class Declarations
{
    private readonly Dictionary<string, DeclaredActor> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<Type, DeclaredActor> _byType = [];

    internal Declarations(IEnumerable<ActorDeclaration> declarations, MiddlewarePipeline pipeline, Messages.WireJson json)
    {
        Pipeline = pipeline;
        foreach (var declaration in declarations)
            Add(declaration, pipeline, json);

        foreach (var actor in _byName.Values)
            pipeline.Check(actor, this);

        Actors = [.. _byName.Values];
        Queues = [.. Actors.Select(actor => actor.Queue).Distinct().Order(StringComparer.Ordinal)];
        ConsumedQueues = [.. Actors.Where(actor => actor.HasHandler).Select(actor => actor.Queue).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>All actors, in the order of their declaration.</summary>
    public IReadOnlyList<DeclaredActor> Actors { get; }

    /// <summary>The queues of all actors.</summary>
    public IReadOnlyList<string> Queues { get; }

    /// <summary>The queues of the actors that this process runs.</summary>
    public IReadOnlyList<string> ConsumedQueues { get; }

    internal MiddlewarePipeline Pipeline { get; }

    /// <summary>The actor of this name, if it was declared.</summary>
    public bool TryGet(string name, [MaybeNullWhen(false)] out DeclaredActor actor) => _byName.TryGetValue(name, out actor);

    /// <summary>The actor whose task is of this type, if it was declared.</summary>
    public bool TryGet(Type task, [MaybeNullWhen(false)] out DeclaredActor actor) => _byType.TryGetValue(task, out actor);

    internal string KnownNames => _byName.Count == 0 ? "none" : string.Join(", ", _byName.Keys.Order(StringComparer.Ordinal));

    private void Add(ActorDeclaration declaration, MiddlewarePipeline pipeline, Messages.WireJson json)
    {
        if (_byName.TryGetValue(declaration.Name, out var earlier))
            throw new DeclarationException(
                $"Actor '{declaration.Name}' is declared twice: as {Described(earlier.TaskType)} and as {Described(declaration.TaskType)}. Rename one with Name(\"…\"), or drop it.");

        if (declaration.TaskType is { } task && _byType.TryGetValue(task, out var other))
            throw new DeclarationException($"Task {task.Name} is declared twice: as actor '{other.Name}' and as actor '{declaration.Name}'. Drop one.");

        var actor = new DeclaredActor(declaration, pipeline.Converted(declaration), pipeline, json);
        _byName.Add(actor.Name, actor);
        if (actor.TaskType is { } type)
            _byType.Add(type, actor);
    }

    private static string Described(Type? task) => task is null ? "a delegate" : $"task {task.Name}";
}
