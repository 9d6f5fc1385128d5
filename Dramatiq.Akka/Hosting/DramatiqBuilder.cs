using System.Reflection;
using System.Text.Json;
using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Actors.Binding;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka;

/// <summary>What a process declares: its actors and tasks, its middleware, its settings. Methods return the same object, so that calls can be chained.</summary>
public sealed class DramatiqBuilder
{
    private readonly List<Func<WireJson, IEnumerable<ActorDeclaration>>> _declarations = [];
    private readonly List<(Middleware Middleware, string? Before, string? After)> _added = [];
    private readonly List<string> _removed = [];
    private readonly List<HandlerFactory> _handlers = [];
    private Action<JsonSerializerOptions>? _json;

    /// <summary>Settings that come before HOCON's.</summary>
    public DramatiqOptions Options { get; } = new();

    /// <summary>The clock for etas, ages, limits and back-offs. Default the system's; a test gives a fake one.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Where jitter comes from. Default <see cref="System.Random.Shared"/>. One of your own must be safe for several threads, which <c>new Random(seed)</c> is not.</summary>
    public Random Random { get; set; } = Random.Shared;

    internal Func<ActorSystem, IBroker>? BrokerFactory { get; private set; }

    internal Func<ActorSystem, ILifeStore>? LifeStoreFactory { get; private set; }

    internal IReadOnlyList<HandlerFactory> Handlers => _handlers;

    /// <summary>Declares a class and the tasks that it runs: those of <paramref name="configure"/>, or else those of its <see cref="HandlesAttribute{TTask}"/>s.</summary>
    public DramatiqBuilder AddActor<TActor>(Action<TaskActorOptions>? configure = null) where TActor : TaskActor => AddActor(typeof(TActor), configure);

    /// <summary>Declares every class of an assembly that derives from <see cref="TaskActor"/> and has a <see cref="HandlesAttribute{TTask}"/>.</summary>
    public DramatiqBuilder AddActorsFrom(Assembly assembly)
    {
        foreach (var type in assembly.GetTypes())
            if (type is { IsAbstract: false } && type.IsAssignableTo(typeof(TaskActor)) && HandledBy(type).Any())
                AddActor(type, null);
        return this;
    }

    /// <summary>
    /// Declares a delegate as an actor. Its parameters are the arguments; a <see cref="CancellationToken"/>, a <see cref="MessageContext"/>, an <see cref="IServiceProvider"/>,
    /// or what <see cref="FromServicesAttribute"/> marks is filled in. It may return a value, a task, or nothing.
    /// </summary>
    /// <param name="name">The <c>actor_name</c> on the wire.</param>
    /// <param name="handler">What to run.</param>
    /// <param name="configure">Its options.</param>
    public DramatiqBuilder AddActor(string name, Delegate handler, Action<ActorOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(handler);
        var options = new ActorOptions();
        configure?.Invoke(options);
        _declarations.Add(json =>
        {
            var factory = Numbered(new DelegateFactory(name, new DelegateSignature(handler, options.NameValue ?? name, json), options.DispatcherPath));
            return [ActorDeclaration.OfDelegate(name, options, factory)];
        });
        return this;
    }

    /// <summary>Declares a task that this process only sends.</summary>
    public DramatiqBuilder AddTask<TTask>(Action<ActorOptions>? configure = null) where TTask : notnull
    {
        var options = new ActorOptions();
        configure?.Invoke(options);
        _declarations.Add(json => [ActorDeclaration.OfTask(typeof(TTask), options, null, json)]);
        return this;
    }

    /// <summary>Declares an actor that this process only sends to, by name: one of Python's, for instance.</summary>
    public DramatiqBuilder AddRemoteActor(string name, string queue)
    {
        _declarations.Add(_ => [ActorDeclaration.OfDelegate(name, new ActorOptions().Queue(queue), null)]);
        return this;
    }

    /// <summary>Adds middleware: at the end, or next to another by its name (that of its type).</summary>
    /// <param name="middleware">The middleware.</param>
    /// <param name="before">The one it comes before, so that it sees messages earlier and outcomes later.</param>
    /// <param name="after">The one it comes after. Not together with <paramref name="before"/>.</param>
    public DramatiqBuilder AddMiddleware(Middleware middleware, string? before = null, string? after = null)
    {
        ArgumentNullException.ThrowIfNull(middleware);
        if (before is not null && after is not null)
            throw new DeclarationException($"Middleware {middleware.Name} is to come both before {before} and after {after}. Give one of them.");

        _added.Add((middleware, before, after));
        return this;
    }

    /// <summary>Leaves out one of the default middleware, by name. Without Retries a failed message counts as done: to have no retries, set <c>max_retries</c> to 0 instead.</summary>
    public DramatiqBuilder RemoveMiddleware(string name)
    {
        _removed.Add(name);
        return this;
    }

    /// <summary>How arguments and results of types that are no plain values become JSON: property names in snake_case, and whatever is changed here.</summary>
    public DramatiqBuilder ConfigureJson(Action<JsonSerializerOptions> configure)
    {
        _json += configure;
        return this;
    }

    /// <summary>Names the broker. It is disposed when the system stops. Default: an in-memory one of its own.</summary>
    public DramatiqBuilder UseBroker(Func<ActorSystem, IBroker> create)
    {
        BrokerFactory = create;
        return this;
    }

    /// <summary>Keeps the lives of messages in a store of your own, whatever <c>dramatiq.inspection.lives.store</c> says. It is disposed when the system stops.</summary>
    public DramatiqBuilder UseLifeStore(Func<ActorSystem, ILifeStore> create)
    {
        LifeStoreFactory = create;
        return this;
    }

    internal WireJson CreateJson() => _json is null ? WireJson.Default : new WireJson(_json);

    internal IReadOnlyList<ActorDeclaration> Declare(WireJson json)
    {
        _handlers.Clear();
        return [.. _declarations.SelectMany(declare => declare(json))];
    }

    /// <summary>The defaults in Dramatiq's order, less what was removed, with what was added where it was to be.</summary>
    internal IReadOnlyList<Middleware> OrderedMiddleware(IEnumerable<Middleware> defaults)
    {
        var order = defaults.ToList();
        foreach (var name in _removed)
            if (order.RemoveAll(one => one.Name == name) == 0)
                throw new DeclarationException($"Middleware {name} cannot be removed, since it is not there. Known: {string.Join(", ", order.Select(static one => one.Name))}.");

        foreach (var (middleware, before, after) in _added)
        {
            if (order.Any(one => one.Name == middleware.Name))
                throw new DeclarationException($"Middleware {middleware.Name} is added twice. Drop one, or give one another Name.");

            if ((before ?? after) is not { } neighbour)
            {
                order.Add(middleware);
                continue;
            }

            var place = order.FindIndex(one => one.Name == neighbour);
            if (place < 0)
                throw new DeclarationException(
                    $"Middleware {middleware.Name} is to come {(before is null ? "after" : "before")} {neighbour}, which is not there. Known: {string.Join(", ", order.Select(static one => one.Name))}.");

            order.Insert(before is null ? place + 1 : place, middleware);
        }

        return order;
    }

    private DramatiqBuilder AddActor(Type type, Action<TaskActorOptions>? configure)
    {
        var options = new TaskActorOptions();
        configure?.Invoke(options);
        _declarations.Add(json =>
        {
            var factory = Numbered(new TaskActorFactory(type, options.FreshInstances, options.DispatcherPath));
            var handled = options.Handled.Count > 0 ? options.Handled : [.. HandledBy(type).Select(static task => (task, new ActorOptions()))];
            if (handled.FirstOrDefault(static one => one.Item2.DispatcherPath is not null) is { Item1: { } misplaced })
                throw new DeclarationException($"{type.Name}: a dispatcher is set for task {misplaced.Name} alone. It holds for the whole class: AddActor<{type.Name}>(a => a.OnDispatcher(…)).");

            return handled.Count > 0
                ? handled.Select(one => ActorDeclaration.OfTask(one.Item1, one.Item2, factory, json))
                : throw new DeclarationException($"{type.Name} is declared without a task. Say which it runs: AddActor<{type.Name}>(a => a.Handles<…>()), or [Handles<…>] on the class.");
        });
        return this;
    }

    private static IEnumerable<Type> HandledBy(Type type) => type.GetCustomAttributes()
        .Select(static attribute => attribute.GetType())
        .Where(static attribute => attribute.IsGenericType && attribute.GetGenericTypeDefinition() == typeof(HandlesAttribute<>))
        .Select(static attribute => attribute.GetGenericArguments()[0]);

    private T Numbered<T>(T factory) where T : HandlerFactory
    {
        factory.Index = _handlers.Count;
        _handlers.Add(factory);
        return factory;
    }
}
