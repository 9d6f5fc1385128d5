using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Stages;

/// <summary>Cancels the token of handlers that asked for it when the process shuts down. A message interrupted by that goes back to its queue, and no attempt is spent.</summary>
public sealed class ShutdownNotifications : Middleware
{
    private readonly bool _default;

    internal ShutdownNotifications(bool notify) => _default = notify;

    /// <inheritdoc />
    public override IReadOnlyList<ActorOption> Options { get; } = [ActorOption.Flag(OptionNames.NotifyShutdown)];

    /// <inheritdoc />
    public override Props ProcessingStage => Props.Create(() => new ShutdownNotificationsStage(this, Services));

    /// <inheritdoc />
    public override bool IsNeededBy(DeclaredActor actor) => actor.Option(OptionNames.NotifyShutdown, _default);

    /// <summary>Whether the handler is told; a null in the message falls through, as in Dramatiq.</summary>
    internal bool Applies(MessageContext context)
    {
        var options = context.Message.Options;
        return options.Contains(OptionNames.NotifyShutdown) && !options.IsNull(OptionNames.NotifyShutdown)
            ? options.IsTruthy(OptionNames.NotifyShutdown)
            : IsNeededBy(context.Actor);
    }
}

/// <summary>Knows the message that is running, and cancels its token on <see cref="Signals.BeforeWorkerShutdown"/>.</summary>
internal sealed class ShutdownNotificationsStage(ShutdownNotifications middleware, MiddlewareServices services) : Stage
{
    private MessageContext? _running;

    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(Signals.BeforeWorkerShutdown));

    protected override void Before(MessageContext context)
    {
        if (middleware.Applies(context))
        {
            _running = context;
            if (services.IsShuttingDown)   // it may have begun before this stage was built
                context.Cancel(CancellationReason.Shutdown);
        }

        Pass(context);
    }

    protected override void After(MessageContext context, Workers.Outcome outcome)
    {
        _running = null;
        Pass(context, outcome);
    }

    protected override void OnMessage(object message)
    {
        if (message is not Signals.BeforeWorkerShutdown)
        {
            Unhandled(message);
            return;
        }

        _running?.Cancel(CancellationReason.Shutdown);
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);
}
