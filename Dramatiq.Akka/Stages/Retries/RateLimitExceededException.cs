namespace Dramatiq.Akka;

/// <summary>A rate limit left no room. Handled like any failure by Retries, but not logged as one. Python's <c>RateLimitExceeded</c>.</summary>
public sealed class RateLimitExceededException(string message = "The rate limit is exceeded.") : DramatiqException(message);
