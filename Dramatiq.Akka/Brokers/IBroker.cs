using Akka.Streams.Dsl;

namespace Dramatiq.Akka.Brokers;

/// <summary>
/// Where queues live: RabbitMQ, Redis, or memory. The core reaches a broker through this seam alone; what only some
/// brokers can do is an interface of its own beside it (<see cref="IInspectsQueues"/>, <see cref="IDelaysNatively"/>, <see cref="ILeasesDeliveries"/>,
/// <see cref="IFreesCredit"/>, <see cref="IDeclaresFreely"/>).
/// </summary>
/// <remarks>
/// An implementation is safe to call from several threads at once. It owns its connections and, where the server comes
/// back, recovers them; what was in flight when a connection broke fails with <see cref="BrokerConnectionException"/>.
/// </remarks>
public interface IBroker : IAsyncDisposable
{
    /// <summary>A short name for logs and figures: <c>memory</c>, <c>rabbitmq</c>, <c>redis</c>.</summary>
    string Name { get; }

    /// <summary>
    /// Makes sure that <paramref name="queue"/> exists, with its delay queue (<c>.DQ</c>) and its dead-letter queue
    /// (<c>.XQ</c>). Declaring twice changes nothing.
    /// </summary>
    /// <param name="queue">The canonical name, without a suffix.</param>
    /// <param name="cancellationToken">Ends the wait; the declaration may still happen.</param>
    /// <exception cref="BrokerException">The queue cannot be had, for instance since it exists with other arguments.</exception>
    Task DeclareQueueAsync(string queue, CancellationToken cancellationToken);

    /// <summary>
    /// Publishes the batch and completes when the broker has taken responsibility for every message that the outcome
    /// does not name: durable where the broker is, and not before.
    /// </summary>
    /// <param name="batch">What to publish, in order. The list belongs to the caller and is left alone until completion.</param>
    /// <param name="cancellationToken">Ends the wait; a message may have been published all the same.</param>
    /// <exception cref="BrokerConnectionException">Nothing is known of any message of the batch: it may be published again.</exception>
    ValueTask<PublishOutcome> PublishAsync(IReadOnlyList<Publication> batch, CancellationToken cancellationToken);

    /// <summary>
    /// A stream of deliveries from one queue. Each materialization is one consumer with its own credit: the broker keeps
    /// at most <paramref name="prefetch"/> deliveries unsettled, and sends more as they are settled; <see cref="IFreesCredit"/> is the one exception.
    /// </summary>
    /// <param name="queue">The queue as it is on the wire: <c>q</c> or <c>q.DQ</c>.</param>
    /// <param name="prefetch">The credit: 1 or more.</param>
    /// <returns>
    /// A source of non-empty batches. It connects when it is materialized, fails with the cause when the consumer is
    /// lost, and completes after <see cref="IBrokerConsumer.CloseAsync"/>.
    /// </returns>
    Source<IReadOnlyList<Delivery>, IBrokerConsumer> Consume(string queue, int prefetch);
}
