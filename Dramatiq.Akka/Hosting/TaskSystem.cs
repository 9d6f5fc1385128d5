using Akka.DependencyInjection;
using Akka.Event;
using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Brokers.InMemory;
using Dramatiq.Akka.Composition;
using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Enqueueing;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.RateLimits;
using Dramatiq.Akka.Results;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Telemetry;
using Dramatiq.Akka.Workers;
using AkkaDependencyResolver = global::Akka.DependencyInjection.DependencyResolver;

namespace Dramatiq.Akka.Hosting;

/// <summary>What runs in one actor system: the broker, the gateway, the declared actors, and orders to the consumers. <see cref="Get"/> finds it.</summary>
public sealed class TaskSystem : IExtension
{
    private readonly ExtendedActorSystem _system;
    private readonly MiddlewareServices _services;
    private readonly DramatiqBuilder _builder;
    private readonly bool _ownsBroker;
    private readonly IResultBackend? _resultBackend;
    private readonly bool _ownsResultBackend;
    private readonly Stages.Results? _storing;
    private NodeOrders? _orders;
    private ILifeStore? _lives;
    private IActorRef? _recorder;
    private IActorRef? _inspector;
    private Task? _drain;
    private bool _started;

    internal TaskSystem(ExtendedActorSystem system)
    {
        _system = system;
        _builder = system.Settings.Setup.Get<DramatiqSetup>() is { HasValue: true } setup
            ? setup.Value.Builder
            : throw new DeclarationException("This actor system was started without WithDramatiq(…). Call it in AddAkka(…).");
        system.Settings.InjectTopLevelFallback(DramatiqHostingExtensions.Reference);
        Settings = new DramatiqSettings(system.Settings.Config);
        var json = _builder.CreateJson();
        _services = new MiddlewareServices(_builder.TimeProvider, _builder.Random, json, ServiceProvider());
        var results = ResultBackendSetup();
        var storing = results is null ? null : new Stages.Results(Settings.Results);
        var pipeline = new MiddlewarePipeline(_builder.OrderedMiddleware(DefaultMiddleware(), storing), _services);
        Declarations = new Declarations(Declared(json), pipeline, json);
        _services.Declarations = Declarations;
        system.RegisterOnTermination(_services.Telemetry.Dispose);
        foreach (var handler in _builder.Handlers)
            if (handler.Dispatcher is { } dispatcher && !system.Dispatchers.HasDispatcher(dispatcher))
                throw new DeclarationException($"'{handler.Name}' is to run on dispatcher '{dispatcher}', which is not configured. Give the path of its section in HOCON, or use dramatiq.blocking-dispatcher.");
        Json = json;
        var broker = BrokerSetup();
        Broker = broker.Create(system);
        _ownsBroker = broker.IsOwned;
        _resultBackend = results?.Create(system);
        _ownsResultBackend = results is { IsOwned: true };
        _storing = storing;
        Results = new TaskResults(_resultBackend, Settings.ResultTimeout, json, _builder.TimeProvider, HintAt);
        Composer = new Composer(Declarations, _services, Settings.GroupCallbacks, new ResultReader(Results, json, Settings.ResultTimeout, _builder.TimeProvider), _resultBackend is not null);
        Queue = new TaskQueue(() => Gateway, () => Composer);
        Inspection = new InspectionFace(() => _inspector, Settings.Inspection.Timeout);
    }

    /// <summary>The broker. Disposed with the system, unless it was named as shared.</summary>
    public IBroker Broker { get; }

    /// <summary>The queue gateway, once the system has started.</summary>
    public IActorRef Gateway => _services.Gateway;

    /// <summary>The gateway with a method's face.</summary>
    public ITaskQueue Queue { get; }

    /// <summary>Reads results.</summary>
    public ITaskResults Results { get; }

    /// <summary>Sees and steers what runs here.</summary>
    public IInspection Inspection { get; }

    /// <summary>The declared actors.</summary>
    public Declarations Declarations { get; }

    /// <summary>How arguments and results become JSON.</summary>
    public WireJson Json { get; }

    internal DramatiqSettings Settings { get; }

    internal Composer Composer { get; }

    internal TimeProvider Time => _builder.TimeProvider;

    /// <summary>What runs in this actor system.</summary>
    /// <exception cref="DeclarationException">It was started without <c>WithDramatiq</c>, or something is declared wrongly.</exception>
    public static TaskSystem Get(ActorSystem system) => system.WithExtension<TaskSystem, TaskSystemProvider>();

    /// <summary>
    /// Takes no more from this queue in this process. Completes when nothing more is taken, and what no worker had started is back at the broker;
    /// what is in hand is finished, be it later.
    /// </summary>
    /// <param name="queue">The canonical name; its delay queue is paused with it.</param>
    /// <exception cref="QueueNotConsumedException">This process does not consume it.</exception>
    /// <exception cref="TaskSystemDrainsException">The process drains already.</exception>
    /// <exception cref="InvalidOperationException">The system has not started.</exception>
    public Task PauseQueueAsync(string queue) => Orders.PauseAsync(queue);

    /// <summary>
    /// Takes messages from this queue again, unless it is paused for every process. Completes when the consumers have taken the order; the connecting may go on.
    /// </summary>
    /// <inheritdoc cref="PauseQueueAsync" />
    public Task ResumeQueueAsync(string queue) => Orders.ResumeAsync(queue);

    /// <summary>
    /// Changes how many workers this queue has in this process, until it stops. The prefetch stays. Completes when so many take messages; those too many
    /// finish what they have in hand, be it later.
    /// </summary>
    /// <param name="queue">The canonical name: a delay queue has no workers.</param>
    /// <param name="workers">1 or more.</param>
    /// <inheritdoc cref="PauseQueueAsync" path="/exception" />
    public Task ScaleWorkersAsync(string queue, int workers) => Orders.ScaleAsync(queue, workers);

    /// <summary>
    /// Takes no more messages, and completes when everything in hand is finished or handed back, at the latest some seconds after <c>dramatiq.shutdown.deadline</c>. Part of the coordinated
    /// shutdown; calling it before, or twice, does no harm.
    /// </summary>
    public Task DrainAsync() => _orders is { } orders ? _drain ??= orders.DrainAsync() : Task.CompletedTask;

    private NodeOrders Orders => _orders ?? throw new InvalidOperationException("The task system has not started yet.");

    /// <summary>Declares the queues and starts the gateway, the consumers and the workers. Called once, by <c>WithDramatiq</c>.</summary>
    /// <exception cref="BrokerException">A queue cannot be had. A broker that is merely away does not stop the start.</exception>
    internal async Task StartAsync()
    {
        if (_started)
            throw new DeclarationException("WithDramatiq(…) was called twice for one actor system. Declare everything in one call.");

        _started = true;
        var events = _system.EventStream;
        _lives = LifeStores.Create(_system, _builder, Settings.Inspection, Broker);
        var announces = _lives is not null;
        _services.Gateway = new TracedGateway((InternalActorRefBase)_system.ActorOf(
            Props.Create(() => new QueueGatewayActor(Broker, Settings.Gateway, Declarations, Json, _builder.TimeProvider, _builder.Random, Results, announces)), "dramatiq-gateway"), Declarations);
        _system.ActorOf(Props.Create(() => new QueueTelemetryActor(Broker, Declarations, _services.Telemetry, Settings.TelemetryInterval)), "dramatiq-telemetry");
        if (_storing is not null)
            _services.Results = new ResultRecorder(_storing, _system.ActorOf(ResultWriter.Create(_resultBackend!, Settings.ResultWriter, _builder.TimeProvider, _builder.Random), "dramatiq-results"),
                _builder.TimeProvider, _system.Log);
        _services.Settler = new Settler(_services.Results, StartGroups());
        if (_lives is { } lives)
            _recorder = LifeRecording.Start(_system, lives, NodeName(), _builder.TimeProvider);
        events.Subscribe(new StoppedGateway(Gateway.Path, _system.Provider), typeof(global::Akka.Event.DeadLetter));
        foreach (var middleware in Declarations.Pipeline.All)
            SubscribeListener(middleware);

        WarnOfUnknownNames();
        events.Publish(new Signals.AfterProcessBoot());
        foreach (var actor in Declarations.Actors)
        {
            events.Publish(new Signals.BeforeDeclareActor(actor));
            events.Publish(new Signals.AfterDeclareActor(actor));
        }

        foreach (var queue in Declarations.ConsumedQueues)
            await DeclareAsync(queue).ConfigureAwait(false);
        if (Broker is IDeclaresFreely)
            foreach (var queue in Declarations.Queues.Except(Declarations.ConsumedQueues))
                await Broker.DeclareQueueAsync(queue, Settings.DeclareTimeout, _builder.TimeProvider).ConfigureAwait(false);

        var blueprint = new WorkerBlueprint(Declarations.Pipeline, _builder.Handlers.Count, ServiceProvider(), _builder.TimeProvider, announces);
        var parts = new ConsumerParts(Broker, Declarations, blueprint, Gateway, _builder.TimeProvider, _builder.Random);
        events.Publish(new Signals.BeforeWorkerBoot());
        var paused = Declarations.ConsumedQueues.Count > 0 ? await PauseWatch.ReadAsync(Broker, _system.Log).ConfigureAwait(false) : new HashSet<string>();
        var node = _system.ActorOf(DramatiqNode.Create(Settings, parts, paused), "dramatiq");
        _orders = new NodeOrders(node);
        await node.Ask<DramatiqNode.Started>(DramatiqNode.GetStarted.Instance, Timeout.InfiniteTimeSpan).ConfigureAwait(false);
        if (Broker is IKeepsPauses keeper && Declarations.ConsumedQueues.Count > 0)
            _system.ActorOf(PauseWatch.Create(keeper, _orders, _builder.TimeProvider), "dramatiq-pauses");
        _inspector = _system.ActorOf(InspectionActor.Create(new InspectionParts(
            NodeName(), Broker, Declarations, Gateway, Queue, _orders, _lives, DrainAsync, _builder.TimeProvider, Settings.Inspection)), "dramatiq-inspection");
        events.Publish(new Signals.AfterWorkerBoot());
    }

    private string NodeName() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{_system.Name}@{Environment.MachineName}:{Environment.ProcessId}");

    /// <summary>Counts groups, where a store for that is named.</summary>
    private IActorRef? StartGroups()
    {
        if (RateLimitsSetup.Of(_system) is null || !Declarations.Pipeline.All.Any(static middleware => middleware is GroupCallbacks))
            return null;

        var groups = _services.Groups = new Groups(RateLimiters.Get(_system).Backend, _resultBackend, Settings.GroupCallbacks, _services, _system.Log);
        return _system.ActorOf(GroupEndings.Create(groups, _builder.TimeProvider), "dramatiq-groups");
    }

    /// <summary>Not an error: processes that run different actors may share one file.</summary>
    private void WarnOfUnknownNames()
    {
        foreach (var name in Settings.ActorOptions.Keys)
            if (!Declarations.TryGet(name, out _))
                _system.Log.Warning("dramatiq.actors.{0} is configured, and no actor '{0}' is declared here (known: {1}).", name, Declarations.KnownNames);

        foreach (var queue in Settings.ConfiguredQueues)
            if (!Declarations.Queues.Contains(queue))
                _system.Log.Warning("dramatiq.queues.{0} is configured, and no actor is declared on it here (queues: {1}).", queue, string.Join(", ", Declarations.Queues));
    }

    /// <summary>Writes the last steps of lives, as far as the store takes them in time. Part of the coordinated shutdown, before the broker closes.</summary>
    internal Task WriteLivesAsync() => _recorder is { } recorder ? LifeRecording.FlushAsync(recorder, _system.Log) : Task.CompletedTask;

    /// <summary>Closes the connections of a broker, and of the stores of results and lives, that are ours. Part of the coordinated shutdown.</summary>
    internal async ValueTask CloseBrokerAsync()
    {
        if (_ownsResultBackend)
            await _resultBackend!.DisposeAsync().ConfigureAwait(false);
        if (_lives is { } lives)
            await lives.DisposeAsync().ConfigureAwait(false);
        if (_ownsBroker)
            await Broker.DisposeAsync().ConfigureAwait(false);
    }

    private async Task DeclareAsync(string queue)
    {
        _system.EventStream.Publish(new Signals.BeforeDeclareQueue(queue));
        try
        {
            await Broker.DeclareQueueAsync(queue, Settings.DeclareTimeout, _builder.TimeProvider).ConfigureAwait(false);
        }
        catch (BrokerException error) when (error.IsTransient)
        {
            _system.Log.Warning("Queue {0} could not be declared yet; its consumer goes on trying: {1}", queue, error.Message);
            return;
        }

        _system.EventStream.Publish(new Signals.AfterDeclareQueue(queue));
        _system.EventStream.Publish(new Signals.AfterDeclareDelayQueue(QueueName.Delay(queue)));
    }

    private void SubscribeListener(Middleware middleware)
    {
        if (middleware.Listener is not { } props)
            return;

        var listener = _system.ActorOf(props, "dramatiq-listener-" + Uri.EscapeDataString(middleware.Name));
        foreach (var signal in middleware.ListensTo)
            _system.EventStream.Subscribe(listener, signal);
    }

    private IEnumerable<Middleware> DefaultMiddleware() =>
    [
        new GroupCallbacks(Settings.GroupCallbacks),
        new AgeLimit(Settings.MaxAgeMs),
        new TimeLimit(Settings.TimeLimitMs, Settings.TimeLimitGrace),
        new ShutdownNotifications(Settings.NotifyShutdown),
        new Callbacks(),
        new Pipelines(),
        new Retries(Settings.Retries),
        new RateLimits.RateLimiting(RateLimitsSetup.Of(_system) is not null),
    ];

    private ActorDeclaration[] Declared(WireJson json)
    {
        try
        {
            return [.. _builder.Declare(json).Select(Configured)];
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            throw new DeclarationException(error.Message, error);
        }
    }

    /// <summary>With what HOCON says of the actor.</summary>
    private ActorDeclaration Configured(ActorDeclaration declaration)
    {
        if (!Settings.ActorOptions.TryGetValue(declaration.Name, out var texts))
            return declaration;

        var options = new Dictionary<string, object?>(declaration.Options, StringComparer.Ordinal);
        foreach (var (key, text) in texts)
            options[key.Replace('-', '_')] = text;
        return declaration with { Options = options };
    }

    private BrokerSetup BrokerSetup() =>
        _builder.BrokerFactory is { } create ? new BrokerSetup(create)
        : _system.Settings.Setup.Get<BrokerSetup>() is { HasValue: true } setup ? setup.Value
        : new BrokerSetup(_ => new InMemoryBroker(new InMemoryBrokerOptions { TimeProvider = _builder.TimeProvider }));

    private ResultBackendSetup? ResultBackendSetup() =>
        _builder.ResultBackend ?? (_system.Settings.Setup.Get<ResultBackendSetup>() is { HasValue: true } setup ? setup.Value : null);

    /// <summary>Why a result that does not come may never come, as far as this process can tell.</summary>
    private string? HintAt(ResultKey key) =>
        Declarations.TryGet(key.ActorName, out var actor) && actor.HasHandler && _storing is not null && !_storing.IsNeededBy(actor)
            ? $" '{key.ActorName}' as declared here stores no results: StoreResults(), or the option store_results of the message."
            : null;

    private IServiceProvider ServiceProvider() => ((ServiceProviderDependencyResolver)AkkaDependencyResolver.For(_system).Resolver).ServiceProvider;
}

/// <summary>Makes the <see cref="TaskSystem"/> of an actor system.</summary>
public sealed class TaskSystemProvider : ExtensionIdProvider<TaskSystem>
{
    /// <inheritdoc />
    public override TaskSystem CreateExtension(ExtendedActorSystem system) => new(system);
}
