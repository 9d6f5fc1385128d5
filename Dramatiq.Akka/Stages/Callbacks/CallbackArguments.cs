namespace Dramatiq.Akka;

/// <summary>The second argument of an <c>on_failure</c> actor; the first is the failed <see cref="Messages.Message"/>.</summary>
/// <param name="Type">The name of the exception's type, without a namespace: <c>InvalidOperationException</c>, <c>ZeroDivisionError</c>.</param>
/// <param name="Message">The exception's message.</param>
public sealed record CallbackError(string Type, string Message);

/// <summary>The second argument of an <c>on_retry_exhausted</c> actor; the first is the <see cref="Messages.Message"/> that was given up.</summary>
/// <param name="Retries">How often it was tried again.</param>
/// <param name="MaxRetries">How often it might be; null where a predicate decided.</param>
public sealed record RetriesExhausted(int Retries, int? MaxRetries);
