using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Enqueueing;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Workers;

/// <summary>What an exception on the slip means: which outcome it becomes, and whether its actor may go on.</summary>
internal static class FailureOf
{
    /// <summary>What a constructor threw, out of what Akka and reflection wrap around it.</summary>
    public static Exception Cause(Exception error)
    {
        if (error is not ActorInitializationException)
            return error;

        var cause = error;
        while (cause is (ActorInitializationException or TypeLoadException or System.Reflection.TargetInvocationException) && cause.InnerException is { } inner)
            cause = inner;
        return cause;
    }

    /// <summary>The exception to report: a cancelled handler is reported by what cancelled it, a stage by its name.</summary>
    public static Exception Handler(MessageContext context, bool isHandler, Exception error)
    {
        if (!isHandler)
            return error is DramatiqException ? error : new StageFailedException(context.Actor.Name, error);

        return error is OperationCanceledException && context.CancellationReason is CancellationReason.TimeLimit
            ? new TimeLimitExceededException(context.Actor.Name, context.TimeLimit, abandoned: false)
            : error;
    }

    public static Outcome OutcomeOf(MessageContext context, Exception error) => error switch
    {
        OperationCanceledException when context.CancellationReason is CancellationReason.Shutdown =>
            new Outcome.Returned("the process shuts down"),
        OperationCanceledException when context.CancellationReason is CancellationReason.RateLimitLost =>
            new Outcome.Returned("its slot of a rate limit was lost"),
        EnqueueFailedException notEnqueued => NotEnqueued(notEnqueued),
        DramatiqException { IsPermanent: true } => new Outcome.Dead(error.Message, error),
        _ => new Outcome.Failed(error),
    };

    /// <summary>
    /// What follows from a message could not be enqueued, so it must run again. A broker that was away is not the message's fault; where something refused, it counts as a
    /// delivery, so that it does not go round for ever.
    /// </summary>
    public static Outcome.Returned NotEnqueued(EnqueueFailedException error) => new(
        "what follows from it could not be enqueued: " + error.Message,
        CountsAsDelivery: error.IsRefusal);

    /// <summary>Whether the failure says nothing against the instance that threw it: it is resumed, and not built anew.</summary>
    public static bool IsExpected(MessageContext? context, Exception error) =>
        error is RetryException or RateLimitExceededException or OperationCanceledException or DramatiqException { IsPermanent: true }
        || (context is not null && ThrowsOption.Matches(context, error));
}
