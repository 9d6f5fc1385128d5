namespace Dramatiq.Akka.Stages;

/// <summary>Why a handler was asked to stop.</summary>
public enum CancellationReason
{
    /// <summary>It has run longer than its time limit. If it stops, the attempt counts as failed with <see cref="TimeLimitExceededException"/>.</summary>
    TimeLimit,

    /// <summary>The process shuts down. If it stops, the message goes back to its queue and no attempt is spent.</summary>
    Shutdown,

    /// <summary>Its slot of a rate limit may be another's, since the lease could not be renewed. If it stops, the message goes back to its queue and no attempt is spent.</summary>
    RateLimitLost,
}
