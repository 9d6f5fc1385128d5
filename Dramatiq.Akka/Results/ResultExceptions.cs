using Dramatiq.Akka.Results;

namespace Dramatiq.Akka;

/// <summary>There is no value to read: see the exceptions that derive from this. Python's <c>ResultError</c>.</summary>
public abstract class ResultException : DramatiqException
{
    private protected ResultException(ResultKey key, string message) : base(message) => Key = key;

    /// <summary>Which result was asked for.</summary>
    public ResultKey Key { get; }
}

/// <summary>No result is stored, and the caller did not want to wait. Python's <c>ResultMissing</c>.</summary>
public sealed class ResultMissingException(ResultKey key) : ResultException(key, $"There is no result of {key}: the task has not ended, its result is not stored, or was not kept longer.");

/// <summary>No result was stored in time. The task may still end. Python's <c>ResultTimeout</c>.</summary>
public sealed class ResultTimeoutException : ResultException
{
    internal ResultTimeoutException(ResultKey key, TimeSpan timeout, string? hint) : base(key, $"There was no result of {key} within {Actors.DurationText.Of(timeout)}.{hint}") => Timeout = timeout;

    /// <summary>How long was waited.</summary>
    public TimeSpan Timeout { get; }
}

/// <summary>The task was given up: this is its error, as the process that ran it stored it. Python's <c>ResultFailure</c>.</summary>
public sealed class ResultFailureException(ResultKey key, string errorType, string errorMessage) : ResultException(key, $"{key} failed: {errorType}: {errorMessage}")
{
    /// <summary>The name of the exception's type, without a namespace: <c>InvalidOperationException</c>, <c>ZeroDivisionError</c>.</summary>
    public string ErrorType { get; } = errorType;

    /// <summary>The exception's message.</summary>
    public string ErrorMessage { get; } = errorMessage;
}
