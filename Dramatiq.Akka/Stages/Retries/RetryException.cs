namespace Dramatiq.Akka;

/// <summary>
/// Thrown by a handler that wants to be tried again: counted as a retry like any other failure, but not logged as an error. Python's <c>Retry</c>.
/// </summary>
/// <param name="message">Why, for the log.</param>
/// <param name="delay">How long to wait; null for the usual back-off.</param>
public sealed class RetryException(string message = "The handler asked to be tried again.", TimeSpan? delay = null) : DramatiqException(message)
{
    /// <summary>How long to wait; null for the usual back-off.</summary>
    public TimeSpan? Delay { get; } = delay;
}
