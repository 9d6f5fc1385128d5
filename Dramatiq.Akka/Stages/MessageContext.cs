using System.Diagnostics;
using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Telemetry;
using Dramatiq.Akka.Workers;
using Microsoft.Extensions.DependencyInjection;

namespace Dramatiq.Akka.Stages;

/// <summary>
/// One attempt at one message, as it travels through a worker. It belongs to one actor at a time: whoever was sent it
/// last. Passing it on gives it away.
/// </summary>
public sealed class MessageContext
{
    private readonly Lock _lock = new();
    private readonly IActorRef[] _places;
    private readonly IActorRef _worker;
    private readonly IServiceProvider _services;
    private CancellationTokenSource? _cancellation;
    private AsyncServiceScope? _scope;
    private volatile bool _closed;
    private volatile int _holder = RoutingSlip.Worker;
    private volatile bool _taken;

    internal MessageContext(Message message, DeclaredActor actor, Delivery delivery, RoutingSlip slip, IActorRef[] places, IActorRef worker, IServiceProvider services)
    {
        Message = message;
        Actor = actor;
        Delivery = delivery;
        Slip = slip;
        _places = places;
        _worker = worker;
        _services = services;
        Attempt = message.Options.TryGetInt64(OptionNames.Retries, out var retries) ? (int)Math.Clamp(retries + 1, 1, int.MaxValue) : 1;
    }

    /// <summary>The message. Retries puts what it learned into its options on the way back.</summary>
    public Message Message { get; private set; }

    /// <summary>The actor that the message is for.</summary>
    public DeclaredActor Actor { get; }

    /// <summary>How often the broker has handed the message to a worker, this time included.</summary>
    public int DeliveryCount => Delivery.DeliveryCount;

    /// <summary>Which attempt this is: 1 for the first run, 2 for the first retry.</summary>
    public int Attempt { get; }

    /// <summary>How many attempts there may be; null for without end, or as long as Retries has not been asked.</summary>
    public int? MaxAttempts { get; internal set; }

    /// <summary>How long the handler may run; infinite for no limit, or as long as TimeLimit has not seen the message.</summary>
    public TimeSpan TimeLimit { get; internal set; } = Timeout.InfiniteTimeSpan;

    /// <summary>Why the handler was asked to stop; null as long as it was not.</summary>
    public CancellationReason? CancellationReason { get; private set; }

    /// <summary>Fires when the handler should stop. Made when first asked for.</summary>
    public CancellationToken Cancellation
    {
        get
        {
            lock (_lock)
            {
                if (_cancellation is null)
                {
                    _cancellation = new CancellationTokenSource();
                    if (CancellationReason is not null)
                        _cancellation.Cancel();
                }

                return _cancellation.Token;
            }
        }
    }

    /// <summary>The DI scope of the message: made when first asked for, disposed when the message is done.</summary>
    public IServiceProvider Services
    {
        get
        {
            lock (_lock)
            {
                if (_closed)
                    throw new ObjectDisposedException(nameof(MessageContext), $"Message {Message.MessageId} is done, and its DI scope with it.");

                return (_scope ??= _services.CreateAsyncScope()).ServiceProvider;
            }
        }
    }

    internal Delivery Delivery { get; }

    internal RoutingSlip Slip { get; private set; }

    /// <summary>The slot of the actor that has it.</summary>
    internal int Holder => _holder;

    /// <summary>Whether its holder, on the way to the handler, has begun with it; one that stopped before has done it no harm.</summary>
    internal bool IsTaken => _taken;

    /// <summary>Whether it was given once more to a holder that had stopped before it began.</summary>
    internal bool IsGivenAgain { get; set; }

    /// <summary>Whether the worker is done with it; a handler that comes back later is not listened to.</summary>
    internal bool IsClosed => _closed;

    /// <summary>Whether it is passed over since another publication of it runs: it leaves no result, and is no end of anything.</summary>
    internal bool IsDuplicate { get; set; }

    /// <summary>Whether the stage that decides about failures has seen it.</summary>
    internal bool IsDecided { get; set; }

    /// <summary>What that stage decided, once it is safe at the broker: a stage that fails later does not undo it.</summary>
    internal Outcome? Decision { get; private set; }

    /// <summary>How long its result is kept; null where it is not stored.</summary>
    internal TimeSpan? ResultTtl { get; set; }

    /// <summary>The outcome whose result is stored already; a later one takes its place.</summary>
    internal Outcome? StoredOutcome { get; set; }

    /// <summary>Gives it to the next on the slip: the first stage, another stage, or the handler.</summary>
    internal void Forward(Inbound inbound, IActorRef from)
    {
        var next = Slip.After(_holder);
        _taken = false;
        Clock?.Left(_holder, isForward: true);
        Interlocked.Exchange(ref _holder, next);   // before the place is read: see WorkerActor.Replace
        _places[next].Tell(inbound, from);
    }

    /// <summary>Called by its holder, on the way to the handler, before anything else.</summary>
    internal void Take() => _taken = true;

    /// <summary>Gives it to the one before on the slip: a stage, or in the end the worker.</summary>
    internal void Backward(Outbound outbound, IActorRef from)
    {
        if (_closed)
        {
            TellClosed(from);
            return;
        }

        _taken = true;   // nobody on the way back is given it again
        if (IsDecided && outbound.Outcome is Outcome.Retried or Outcome.Dead)
            Decision = outbound.Outcome;

        Clock?.Left(_holder, isForward: false);
        var previous = Slip.Before(_holder);
        Interlocked.Exchange(ref _holder, previous);
        (previous == RoutingSlip.Worker ? _worker : _places[previous]).Tell(outbound, from);
    }

    /// <summary>Called by the handler's actor: the attempt has succeeded.</summary>
    /// <exception cref="UnserializableResultException">A stage needs the result as JSON, and it cannot be had.</exception>
    internal void Complete(object? result, IActorRef handler)
    {
        if (_closed)
            TellClosed(handler);
        else
            Backward(new Outbound(this, SucceededWith(result)), handler);
    }

    /// <summary>It comes back after the worker had given it up: the worker may be waiting to hear just that.</summary>
    internal void TellClosed(IActorRef from) => _worker.Tell(new Worker.CameBack(this), from);

    /// <summary>The result as JSON. Written here where a stage has made the outcome without it.</summary>
    /// <exception cref="UnserializableResultException">It cannot be had.</exception>
    internal ReadOnlyMemory<byte> JsonOf(Outcome.Succeeded outcome) =>
        !outcome.Json.IsEmpty ? outcome.Json : outcome.Result is { } result ? Json(result) : Outcome.Succeeded.WithoutResult.Json;

    internal Outcome.Succeeded SucceededWith(object? result) =>
        result is null ? Outcome.Succeeded.WithoutResult : new Outcome.Succeeded(result, Slip.NeedsResult || ResultTtl is not null ? Json(result) : default);

    /// <summary>Sends it to one stage once more, from where it comes straight back.</summary>
    internal void Consult(RoutingSlip only, int slot, Outbound outbound, IActorRef from)
    {
        Slip = only;
        _taken = true;
        Clock?.Left(RoutingSlip.Worker, isForward: true);
        _holder = slot;
        _places[slot].Tell(outbound, from);
    }

    internal void Replace(Message message) => Message = message;

    /// <summary>The span of the attempt; null where nobody listens.</summary>
    internal Activity? Span { get; set; }

    /// <summary>Measures the stages; null where nobody listens.</summary>
    internal StageClock? Clock { get; set; }

    /// <summary>Asks the handler to stop. The first reason stays.</summary>
    internal void Cancel(CancellationReason reason)
    {
        CancellationTokenSource? cancellation;
        lock (_lock)
        {
            if (CancellationReason is not null)
                return;

            CancellationReason = reason;
            cancellation = _cancellation;
        }

        // What users registered on the token runs on a thread of its own, not on an actor's.
        cancellation?.CancelAsync();
    }

    /// <summary>A second context for what is left to do once the handler has been given up: the stuck handler keeps this one, closed.</summary>
    internal MessageContext Abandon()
    {
        _closed = true;
        return new MessageContext(Message, Actor, Delivery, Slip, _places, _worker, _services)
        {
            _holder = _holder, _taken = true, CancellationReason = CancellationReason, TimeLimit = TimeLimit, ResultTtl = ResultTtl, Span = Span, Clock = Clock,
        };
    }

    /// <summary>The worker is done with it. A handler that still runs may be asking for its services at this moment.</summary>
    internal void Close()
    {
        AsyncServiceScope? scope;
        lock (_lock)
        {
            _closed = true;
            scope = _scope;
            _scope = null;
        }

        // The token source holds no timer and no wait handle, and user code may still hold its token: it is left to the collector.
        if (scope is { } open)
            _ = Disposal.InBackground(open);
    }

    private ReadOnlyMemory<byte> Json(object result)
    {
        try
        {
            var writer = WireWriter.Rent();
            Actor.Json.Write(writer, result, result.GetType());
            var json = writer.ToArray();
            writer.Return();   // one that a fault has left half written is not given back
            return json;
        }
        catch (Exception cause)
        {
            throw new UnserializableResultException(Actor.Name, result.GetType(), cause);
        }
    }
}
