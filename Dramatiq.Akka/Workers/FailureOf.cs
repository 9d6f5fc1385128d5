using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Enqueueing;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Workers;

/// <summary>What an exception on the slip means: which outcome it becomes, and whether its actor may go on.</summary>
internal static class FailureOf
{
    /// <summary>What was really thrown: Akka wraps what a constructor throws, twice.</summary>
    public static Exception Cause(Exception error) => error switch
    {
        ActorInitializationException { InnerException: TypeLoadException { InnerException: { } thrown } } => thrown,
        ActorInitializationException { InnerException: { } inner } => inner,
        _ => error,
    };

    /// <summary>The exception to report: a cancelled handler is reported by what cancelled it, a stage by its name.</summary>
    public static Exception Handler(MessageContext context, bool isHandler, Exception error)
    {
        if (!isHandler)
            return error is DramatiqException ? error : new StageFailedException(context.Actor.Name, error);

        return error is OperationCanceledException && context.CancellationReason is CancellationReason.TimeLimit
            ? new TimeLimitExceededException(context.Actor.Name, context.TimeLimit, abandoned: false)
            : error;
    }

    public static Outcome Outcome(MessageContext context, Exception error) => error switch
    {
        OperationCanceledException when context.CancellationReason is CancellationReason.Shutdown =>
            new Outcome.Returned("the process shuts down"),
        EnqueueFailedException => new Outcome.Returned("what follows from it could not be enqueued: " + error.Message),
        DramatiqException { IsPermanent: true } => new Outcome.Dead(error.Message, error),
        _ => new Outcome.Failed(error),
    };

    /// <summary>Whether the failure says nothing against the instance that threw it: it is resumed, and not built anew.</summary>
    public static bool IsExpected(MessageContext? context, Exception error) =>
        error is RetryException or RateLimitExceededException or OperationCanceledException or DramatiqException { IsPermanent: true }
        || (context is not null && ThrowsOption.Matches(context, error));
}
