using System.Diagnostics;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Results;

namespace Dramatiq.Akka;

/// <summary>
/// An order to the <see cref="QueueGateway"/>: enqueue this task. It is answered with <see cref="Enqueued"/> when the broker has confirmed it, or with
/// Akka's <c>Status.Failure</c> that holds an <see cref="EnqueueFailedException"/>.
/// </summary>
/// <param name="Task">A task of a declared type, an <see cref="ActorCall"/>, or a <see cref="Message"/>, which goes as it is.</param>
public sealed record Enqueue(object Task) : INoSerializationVerificationNeeded
{
    /// <summary>How long the message waits before it may run; null for not at all. Not together with <see cref="At"/>.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>When the message may run; null for at once. A time that is past means now. Not together with <see cref="Delay"/>.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Options of this message alone, such as <c>max_retries</c>: they come before the actor's own. Unknown ones travel along.</summary>
    public MessageOptions Options { get; init; } = MessageOptions.Empty;

    /// <summary>The id; null for a new one.</summary>
    public string? MessageId { get; init; }

    /// <summary>The span of the enqueueing, which whoever answers ends; null where nobody listens.</summary>
    internal Activity? Span { get; init; }

    /// <summary>A pipeline: this, and then the other with its result.</summary>
    public static Pipeline operator |(Enqueue left, object right) => Pipeline.Of(left, right);

    /// <summary>A pipeline: this, and then the other with its result.</summary>
    public static Pipeline operator |(Enqueue left, Pipeline right) => Pipeline.Of(left, right);
}

/// <summary>An order to the <see cref="QueueGateway"/>: enqueue all of these. Answered once, with <see cref="EnqueuedMany"/>.</summary>
/// <param name="Tasks">Tasks of declared types, <see cref="ActorCall"/>s, or <see cref="Enqueue"/> orders.</param>
public sealed record EnqueueMany(IReadOnlyList<object> Tasks) : INoSerializationVerificationNeeded;

/// <summary>A message is safe at the broker.</summary>
/// <param name="MessageId">Its id.</param>
/// <param name="Queue">Its queue's canonical name.</param>
/// <param name="ActorName">The actor it is for.</param>
public sealed record Enqueued(string MessageId, string Queue, string ActorName)
{
    /// <summary>Where the result may be read. No part of what it is: two that name the same message are equal, and it does not travel to other processes.</summary>
    internal ITaskResults? Results { get; init; }

    /// <summary>The value that the task returns, once it has ended. Results must be stored: see <see cref="ActorOptions.StoreResults"/>.</summary>
    /// <typeparam name="T">What it is read as; <see cref="JsonText"/> for the text. A task may return null: ask for <c>string?</c> then.</typeparam>
    /// <inheritdoc cref="ITaskResults.GetAsync{T}" />
    /// <exception cref="InvalidOperationException">It was made by hand or came from another process: read with <see cref="ITaskResults"/>.</exception>
    public Task<T> GetResultAsync<T>(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        Reader().GetAsync<T>(ResultKey.Of(this), timeout, cancellationToken);

    /// <summary>Waits until the task has ended, whatever it returns.</summary>
    /// <exception cref="ResultFailureException">The task was given up.</exception>
    /// <inheritdoc cref="GetResultAsync{T}" />
    public async Task GetResultAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        (await Reader().WaitAsync(ResultKey.Of(this), timeout, cancellationToken).ConfigureAwait(false)).Check();

    /// <inheritdoc />
    public bool Equals(Enqueued? other) =>
        other is not null && MessageId == other.MessageId && Queue == other.Queue && ActorName == other.ActorName;

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(MessageId, Queue, ActorName);

    private ITaskResults Reader() => Results ?? throw new InvalidOperationException(
        $"This Enqueued of {ActorName} {MessageId} was made by hand or came from another process, and does not know where results are. Read with ITaskResults: results.GetAsync<T>(ResultKey.Of(enqueued)).");
}

/// <summary>The answer to <see cref="EnqueueMany"/>: what became of each, in order.</summary>
/// <param name="Results">For each task, an <see cref="Enqueued"/> or the error.</param>
public sealed record EnqueuedMany(IReadOnlyList<EnqueueResult> Results)
{
    /// <summary>Whether every message is safe at the broker.</summary>
    public bool AllEnqueued => Results.All(static result => result.Error is null);
}

/// <summary>What became of one of many.</summary>
/// <param name="Enqueued">The confirmation; null where it failed.</param>
/// <param name="Error">Why it failed; null where it did not.</param>
public readonly record struct EnqueueResult(Enqueued? Enqueued, EnqueueFailedException? Error);
