using System.Collections.Concurrent;
using Akka;
using Akka.Configuration;
using Akka.Event;
using Akka.Streams.Dsl;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Messages;
using StackExchange.Redis;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>
/// Queues in Redis, on the keys of Python's Dramatiq, so that both sides share them. A message is kept until it is acked: what a consumer held when it was lost
/// goes back to its queue once the consumer has been silent for the heartbeat timeout, and counts as delivered.
/// </summary>
/// <remarks>
/// A consumer of <c>q.DQ</c> delivers nothing: it moves due messages into <c>q</c> within Redis, and nobody holds them meanwhile. Redis knows no declaration: a
/// queue is declared for this broker object, as in Python. Needs Redis 6.2.
/// </remarks>
public sealed class RedisBroker : IInspectsQueues, IDelaysNatively, IKeepsPauses, IKeepsLives, IDeclaresFreely
{
    private readonly ConcurrentDictionary<string, bool> _queues = new(StringComparer.Ordinal);
    private readonly RedisLinks.Share _connection;
    private readonly RedisParts _parts;
    private readonly RedisInspection _inspection;
    private readonly RedisPauses _pauses;
    private readonly EvictionWarning _eviction;

    /// <summary>Creates a broker. It connects at the first call.</summary>
    /// <param name="options">What differs from the defaults.</param>
    /// <exception cref="ConfigurationException">A setting cannot be used; the text names it.</exception>
    public RedisBroker(RedisOptions options) : this(RedisSettings.From(options), new RedisLinks(), NoLogger.Instance)
    {
    }

    internal RedisBroker(RedisSettings settings, RedisLinks links, ILoggingAdapter log)
    {
        _connection = links.Open(settings, log);
        var link = _connection.Link;
        var keys = new RedisKeys(settings.Namespace);
        var reclaimer = new Reclaimer(link, settings, keys, () => _queues.Keys, log);
        _parts = new RedisParts(link, settings, keys, _connection.WakeUps, new Leases(link, settings, keys, reclaimer, log), log);
        _inspection = new RedisInspection(_parts);
        _pauses = new RedisPauses(_parts);
        _eviction = new EvictionWarning(link, keys, log);
    }

    /// <inheritdoc />
    public string Name => "redis";

    /// <inheritdoc />
    public Task DeclareQueueAsync(string queue, CancellationToken cancellationToken)
    {
        _queues.TryAdd(QueueName.Canonical(QueueName.Checked(queue)), true);
        _eviction.Look();
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask<PublishOutcome> PublishAsync(IReadOnlyList<Publication> batch, CancellationToken cancellationToken) =>
        new PublicationBatch(batch, _queues.ContainsKey, NotFound).WriteAsync(_parts, cancellationToken);

    /// <inheritdoc />
    public Source<IReadOnlyList<Delivery>, IBrokerConsumer> Consume(string queue, int prefetch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(prefetch, 1);
        return Source.FromGraph(new RedisSource(() =>
            !IsKnown(queue) ? new FailedConsumer(NotFound(queue))
            : QueueName.IsDelay(queue) ? new DelayMover(_parts, queue)
            : new RedisConsumer(_parts, queue, prefetch)));
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<string>> GetQueuesAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<string>>([.. _queues.Keys.Order(StringComparer.Ordinal)]);

    /// <inheritdoc />
    public ValueTask<QueueStats> GetStatsAsync(string queue, CancellationToken cancellationToken) =>
        _inspection.GetStatsAsync(Known(queue), cancellationToken);

    /// <inheritdoc />
    public ValueTask<PeekedPage> PeekAsync(string queue, PeekRequest request, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(request.Offset);
        ArgumentOutOfRangeException.ThrowIfNegative(request.Count);
        _ = Known(queue);
        return _inspection.Pages.PeekAsync(queue, request, cancellationToken);
    }

    /// <inheritdoc />
    /// <remarks>A <c>message_id</c> is looked for among the first 10,000; by its key a message is found at once.</remarks>
    public ValueTask<PeekedPage> FindAsync(string queue, string id, CancellationToken cancellationToken)
    {
        _ = Known(queue);
        return _inspection.Pages.FindAsync(queue, id, cancellationToken);
    }

    /// <inheritdoc />
    /// <remarks>A <c>message_id</c> is looked for among the first 100,000; by its key a message is found at once. What is to match is looked for in the whole queue.</remarks>
    public ValueTask<MessagesMoved> MoveAsync(string queue, MoveRequest request, CancellationToken cancellationToken)
    {
        _ = Known(queue);
        return _inspection.MoveAsync(queue, request, cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<long> PurgeAsync(string queue, CancellationToken cancellationToken)
    {
        _ = Known(queue);
        return _inspection.PurgeAsync(queue, cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlySet<string>> GetPausedAsync(CancellationToken cancellationToken) => new(_pauses.GetAsync().AsTask().WaitAsync(cancellationToken));

    /// <inheritdoc />
    public ValueTask<IReadOnlySet<string>> SetPausedAsync(string queue, bool isPaused, CancellationToken cancellationToken) =>
        new(_pauses.SetAsync(QueueName.Checked(queue), isPaused).AsTask().WaitAsync(cancellationToken));

    /// <inheritdoc />
    public Source<IReadOnlySet<string>, NotUsed> WatchPauses() => _pauses.Watch();

    /// <inheritdoc />
    public ILifeStore CreateLifeStore(TimeSpan ttl) => new RedisLifeStore(_parts, ttl);

    /// <inheritdoc />
    /// <remarks>Consumers that still run are not closed by this: end their streams first, or what they hold waits for the heartbeat timeout.</remarks>
    public async ValueTask DisposeAsync()
    {
        await _parts.Leases.DisposeAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    private bool IsKnown(string queue) => _queues.ContainsKey(QueueName.Canonical(queue));

    private string Known(string queue) => IsKnown(queue) ? QueueName.Canonical(queue) : throw NotFound(queue);

    private QueueNotFoundException NotFound(string queue) => new(queue, _queues.Keys);
}
