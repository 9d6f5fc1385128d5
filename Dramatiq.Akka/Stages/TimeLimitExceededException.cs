using Dramatiq.Akka.Actors;

namespace Dramatiq.Akka;

/// <summary>A handler ran longer than its time limit.</summary>
public sealed class TimeLimitExceededException(string actor, TimeSpan limit, bool abandoned) : DramatiqException(abandoned
    ? $"'{actor}' ran past its time limit of {DurationText.Of(limit)} and did not heed its cancellation token; its worker was replaced."
    : $"'{actor}' ran past its time limit of {DurationText.Of(limit)}.")
{
    /// <summary>The limit.</summary>
    public TimeSpan Limit { get; } = limit;

    /// <summary>Whether the handler ignored its token and still runs somewhere.</summary>
    public bool IsAbandoned { get; } = abandoned;
}
