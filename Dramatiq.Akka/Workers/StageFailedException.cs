namespace Dramatiq.Akka;

/// <summary>A stage threw. The message counts as failed, whatever its handler did.</summary>
public sealed class StageFailedException(string actor, Exception cause) : DramatiqException(
    $"A stage of '{actor}' failed: {cause.GetType().Name}: {cause.Message}", cause);
