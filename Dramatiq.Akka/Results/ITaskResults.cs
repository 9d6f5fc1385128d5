using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Results;

namespace Dramatiq.Akka;

/// <summary>
/// Reads the results of tasks, Python's too, by what was enqueued or by message id: what <see cref="Enqueued.GetResultAsync{T}"/> goes through.
/// Registered by <see cref="TaskQueueServiceExtensions.AddTaskQueue"/>; in an actor system, <see cref="Hosting.TaskSystem.Results"/>.
/// </summary>
/// <remarks>Where results are, is said by <c>WithInMemoryResults()</c> or <c>WithRedisResults()</c>; without, each call throws a <see cref="DeclarationException"/>.</remarks>
public interface ITaskResults
{
    /// <summary>Waits until the task has ended. Any number may wait: they share one connection to the store, and survive its loss.</summary>
    /// <param name="key">Which: <see cref="ResultKey.Of(Enqueued)"/>, <see cref="ResultKey.Of(Message)"/>, or a queue, an actor and an id.</param>
    /// <param name="timeout">How long to wait; null for <c>dramatiq.results.timeout</c> (10 s), zero for not at all, <see cref="Timeout.InfiniteTimeSpan"/> for without end.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ResultTimeoutException">It did not end in time, or its result is not stored.</exception>
    /// <exception cref="ResultMissingException">There is no result, and the timeout is zero.</exception>
    /// <exception cref="Brokers.BrokerException">The store refused, or, with a timeout of zero, cannot be reached.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed, as it is when the actor system has stopped, or was while the wait went on.</exception>
    Task<TaskResult> WaitAsync(ResultKey key, TimeSpan? timeout = null, CancellationToken cancellationToken = default);

    /// <summary>How the task has ended; null where no result is stored. Does not wait.</summary>
    /// <exception cref="Brokers.BrokerException">The store refused or cannot be reached.</exception>
    ValueTask<TaskResult?> TryGetAsync(ResultKey key, CancellationToken cancellationToken = default);

    /// <summary>The value that the task returns, once it has ended.</summary>
    /// <inheritdoc cref="WaitAsync" />
    /// <exception cref="ResultFailureException">The task was given up.</exception>
    /// <exception cref="WireTypeException">The value is not what <typeparamref name="T"/> needs.</exception>
    async Task<T> GetAsync<T>(ResultKey key, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        (await WaitAsync(key, timeout, cancellationToken).ConfigureAwait(false)).Value<T>();
}
