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

    /// <summary>Runs a pipeline, and completes when the broker has confirmed its first step.</summary>
    /// <param name="pipeline">What to run. It may be run any number of times.</param>
    /// <param name="cancellationToken">Ends the wait; it may run all the same.</param>
    /// <returns>What its results are read from.</returns>
    /// <exception cref="EnqueueFailedException">The first step was not confirmed, or a task of it is of no declared type or has no place for the result before it.</exception>
    /// <exception cref="ArgumentException">Two of its messages were given the same id.</exception>
    /// <exception cref="DeclarationException">It needs a store that is not named: see <see cref="Stages.GroupCallbacks"/>.</exception>
    /// <exception cref="Brokers.BrokerException">The store that counts groups cannot be reached. Nothing of it is enqueued.</exception>
    Task<PipelineRun> RunAsync(Pipeline pipeline, CancellationToken cancellationToken = default);

    /// <summary>Runs a group, and completes when the broker has confirmed every member.</summary>
    /// <param name="group">What to run. It may be run any number of times: each run counts for itself.</param>
    /// <param name="cancellationToken">Ends the work between two portions of members.</param>
    /// <returns>What its results are read from.</returns>
    /// <exception cref="EnqueueFailedException">A member was not confirmed. Others run, and the group is never complete.</exception>
    /// <exception cref="ArgumentException">Two of its messages were given the same id.</exception>
    /// <exception cref="DeclarationException">It needs a store that is not named: see <see cref="Stages.GroupCallbacks"/>.</exception>
    /// <exception cref="Brokers.BrokerException">The store that counts groups cannot be reached. Nothing of it is enqueued.</exception>
    Task<GroupRun> RunAsync(Group group, CancellationToken cancellationToken = default);
}
