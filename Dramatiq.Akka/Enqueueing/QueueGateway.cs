using Akka.Hosting;

namespace Dramatiq.Akka;

/// <summary>
/// The actor through which everything is enqueued, as <c>IRequiredActor&lt;QueueGateway&gt;</c>. Tell it a task of a declared type to fire and forget (a failure is logged
/// as an error, and told to the sender if there is one); tell or ask it <see cref="Enqueue"/> or <see cref="EnqueueMany"/> to be answered.
/// </summary>
public sealed class QueueGateway
{
    private QueueGateway()
    {
    }
}

/// <summary>The gateway with a method's face, for code outside of actors. Registered by <see cref="TaskQueueServiceExtensions.AddTaskQueue"/>.</summary>
public interface ITaskQueue
{
    /// <summary>Enqueues a task, and completes when the broker has confirmed it.</summary>
    /// <param name="task">A task of a declared type, an <see cref="ActorCall"/>, or an <see cref="Enqueue"/> with more to say.</param>
    /// <param name="cancellationToken">Ends the wait; the message may be enqueued all the same.</param>
    /// <exception cref="EnqueueFailedException">The broker did not confirm it in time or refused it, too many wait already, or the task is of no declared type.</exception>
    Task<Enqueued> EnqueueAsync(object task, CancellationToken cancellationToken = default);

    /// <summary>Enqueues a task that waits before it may run.</summary>
    /// <inheritdoc cref="EnqueueAsync(object, CancellationToken)" />
    Task<Enqueued> EnqueueAsync(object task, TimeSpan delay, CancellationToken cancellationToken = default);

    /// <summary>Enqueues many, keeping their order, and completes when the broker has confirmed every one.</summary>
    /// <param name="tasks">As for one. Any number: they go in portions, each awaited, so that memory stays bounded.</param>
    /// <param name="cancellationToken">Ends the work between two portions.</param>
    /// <returns>What was enqueued, in order.</returns>
    /// <exception cref="EnqueueFailedException">One failed. Those before it in order, and perhaps some after it, are enqueued.</exception>
    Task<IReadOnlyList<Enqueued>> EnqueueManyAsync(IEnumerable<object> tasks, CancellationToken cancellationToken = default);
}
