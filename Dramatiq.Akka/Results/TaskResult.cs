using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Results;

namespace Dramatiq.Akka;

/// <summary>How a task has ended: with a value, or with an error.</summary>
public sealed class TaskResult
{
    private readonly WireJson _json;
    private readonly ReadOnlyMemory<byte> _stored;

    internal TaskResult(ResultKey key, ReadOnlyMemory<byte> stored, WireJson json)
    {
        Key = key;
        _stored = stored;
        _json = json;
        if (FailureJson.TryRead(stored.Span, out var type, out var message))
            Failure = new ResultFailureException(key, type, message);
    }

    /// <summary>Whose.</summary>
    public ResultKey Key { get; }

    /// <summary>Whether there is a value; <c>null</c> counts as one, and is what a task leaves that returns nothing or was skipped.</summary>
    public bool IsSuccess => Failure is null;

    /// <summary>Why the task was given up; null where it succeeded.</summary>
    public ResultFailureException? Failure { get; }

    /// <summary>What is stored, as it is stored.</summary>
    public JsonText Json => new(_stored.Span);

    /// <summary>The value. A <c>null</c> that was stored is a null here: ask for <c>string?</c> where it may be one.</summary>
    /// <typeparam name="T">What it is to be read as; <see cref="JsonText"/> for the text, <see cref="object"/> for what fits it best.</typeparam>
    /// <exception cref="ResultFailureException">The task failed.</exception>
    /// <exception cref="WireTypeException">The value is not what the type needs.</exception>
    public T Value<T>()
    {
        Check();
        return _json.Read<T>(_stored.Span)!;
    }

    /// <summary>Does nothing where the task has succeeded.</summary>
    /// <exception cref="ResultFailureException">The task failed.</exception>
    public void Check()
    {
        if (Failure is not null)
            throw new ResultFailureException(Key, Failure.ErrorType, Failure.ErrorMessage);   // a new one for each caller: an exception that is thrown twice mixes its stacks
    }
}
