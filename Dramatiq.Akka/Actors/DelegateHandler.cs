using System.Runtime.ExceptionServices;
using Dramatiq.Akka.Actors.Binding;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Telemetry;

namespace Dramatiq.Akka.Actors;

/// <summary>Runs a delegate as a handler. An asynchronous one runs outside of the actor's context: a delegate cannot reach it.</summary>
internal sealed class DelegateHandler(DelegateSignature signature) : ActorBase
{
    protected override bool Receive(object message)
    {
        switch (message)
        {
            case Inbound inbound:
                if (!inbound.Context.IsClosed)
                    Run(inbound.Context);
                return true;
            case Finished finished:
                finished.Context.Complete(finished.Result, Self);
                return true;
            case Failed failed:
                // Thrown here so that the worker's supervision meets it like a synchronous handler's.
                ExceptionDispatchInfo.Throw(failed.Error);
                return true;
            default:
                return false;
        }
    }

    private void Run(MessageContext context)
    {
        context.Take();
        var running = Start(context);
        if (running.IsCompletedSuccessfully)
            context.Complete(running.GetAwaiter().GetResult(), Self);
        else
            _ = Await(running, context, Self);
    }

    private ValueTask<object?> Start(MessageContext context)
    {
        using (HandlerScope.Enter(context))
            return signature.Invoke(context.Message, context);
    }

    private static async Task Await(ValueTask<object?> running, MessageContext context, IActorRef self)
    {
        object outcome;
        try
        {
            outcome = new Finished(context, await running.ConfigureAwait(false));
        }
        catch (Exception error)
        {
            outcome = new Failed(error);
        }

        self.Tell(outcome, ActorRefs.NoSender);
    }

    private sealed record Finished(MessageContext Context, object? Result);

    private sealed record Failed(Exception Error);
}
