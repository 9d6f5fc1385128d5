using Akka.Dispatch;
using Akka.Event;
using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Telemetry;
using Dramatiq.Akka.Workers;
using Microsoft.Extensions.DependencyInjection;

namespace Dramatiq.Akka;

/// <summary>
/// An Akka actor whose handlers are the tasks it runs. Derive from it, and register a handler for each task in the
/// constructor, which may take what it needs from DI. It runs one message at a time under a worker; an exception ends the
/// attempt, and the worker's supervision decides whether this instance goes on or a fresh one takes its place.
/// </summary>
/// <remarks>
/// An instance lives until a handler fails. What belongs to one message (a database context, say) comes from
/// <see cref="Services"/>, or from the constructor under <see cref="TaskActorOptions.FreshForEachMessage"/>.
/// Asynchronous handlers run in the actor's context: <c>Self</c>, <c>Context</c> and the members here are there after an await.
/// </remarks>
public abstract class TaskActor : ActorBase
{
    private readonly Dictionary<Type, TaskHandler> _handlers = [];
    private MessageContext? _inHand;
    private ILoggingAdapter? _ownLog;

    // The log for one message, and which.
    private ILoggingAdapter? _messageLog;
    private MessageContext? _logged;

    /// <summary>Fires when the handler should stop: its time limit is over, or the process shuts down and the actor asked to be told.</summary>
    /// <exception cref="InvalidOperationException">No message is in hand.</exception>
    protected CancellationToken Cancellation => InHand.Cancellation;

    /// <summary>The message in hand, with its options.</summary>
    /// <exception cref="InvalidOperationException">No message is in hand.</exception>
    protected Message CurrentMessage => InHand.Message;

    /// <summary>The DI scope of the message in hand: made when first asked for, disposed when the message is done.</summary>
    /// <exception cref="InvalidOperationException">No message is in hand.</exception>
    protected IServiceProvider Services => InHand.Services;

    /// <summary>
    /// Akka's log. Each line written with a message in hand carries what it is about as properties: <c>MessageId</c>, <c>ActorName</c>, <c>QueueName</c>, <c>Attempt</c>. Made when first
    /// asked for.
    /// </summary>
    protected ILoggingAdapter Log
    {
        get
        {
            _ownLog ??= Context.GetLogger();
            if (_inHand is not { } context)
                return _ownLog;

            if (_logged != context)
                (_logged, _messageLog) = (context, LogScope.Around(_ownLog, context));
            return _messageLog!;
        }
    }

    internal AsyncServiceScope? OwnScope { get; set; }

    private MessageContext InHand => _inHand
        ?? throw new InvalidOperationException($"{GetType().Name}: no message is in hand. Ask for it inside a task's handler only.");

    /// <summary>Registers the handler of a task without a result.</summary>
    protected void Receive<TTask>(Action<TTask> handler) where TTask : notnull => Register<TTask>(new SyncHandler<TTask>(handler));

    /// <summary>Registers the handler of a task with a result.</summary>
    protected void Receive<TTask, TResult>(Func<TTask, TResult> handler) where TTask : notnull => Register<TTask>(new SyncHandler<TTask, TResult>(handler));

    /// <summary>Registers the asynchronous handler of a task without a result.</summary>
    protected void ReceiveAsync<TTask>(Func<TTask, Task> handler) where TTask : notnull => Register<TTask>(new AsyncHandler<TTask>(handler));

    /// <summary>Registers the asynchronous handler of a task with a result.</summary>
    protected void ReceiveAsync<TTask, TResult>(Func<TTask, Task<TResult>> handler) where TTask : notnull => Register<TTask>(new AsyncHandler<TTask, TResult>(handler));

    /// <summary>What to do with a message that is not a task: by default it is unhandled, as with any Akka actor.</summary>
    protected virtual void OnMessage(object message) => Unhandled(message);

    /// <inheritdoc />
    protected sealed override bool Receive(object message)
    {
        if (message is not Inbound inbound)
            OnMessage(message);
        else if (!inbound.Context.IsClosed)
            Run(inbound.Context);
        return true;
    }

    /// <summary>Gives back the DI scope of this instance. An override must call it.</summary>
    protected override void PostStop()
    {
        if (OwnScope is { } scope)
            _ = Disposal.InBackground(scope);
        base.PostStop();
    }

    private void Register<TTask>(TaskHandler handler)
    {
        if (!_handlers.TryAdd(typeof(TTask), handler))
            throw new DeclarationException($"{GetType().Name} registers two handlers for {typeof(TTask).Name}. Keep one.");
    }

    private void Run(MessageContext context)
    {
        context.Take();
        _inHand = context;
        var actor = context.Actor;
        if (!_handlers.TryGetValue(actor.TaskType!, out var handler))
            throw new MissingHandlerException(GetType(), actor);

        var task = actor.Signature!.Bind(context.Message);
        if (handler.IsAsync)
            ActorTaskScheduler.RunTask(() => RunAsync(context, handler, task));   // in the actor's context, also after an await
        else
            Finish(context, RunSync(context, handler, task));
    }

    private static object? RunSync(MessageContext context, TaskHandler handler, object task)
    {
        using (HandlerScope.Enter(context))
            return handler.Run(task);
    }

    private async Task RunAsync(MessageContext context, TaskHandler handler, object task)
    {
        object? result;
        using (HandlerScope.Enter(context))   // for what is awaited here, and for nothing else: the caller does not see it
            result = await handler.RunAsync(task);
        Finish(context, result);
    }

    private void Finish(MessageContext context, object? result)
    {
        _inHand = null;
        context.Complete(result, Self);
    }
}
