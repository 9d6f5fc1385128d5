using System.Collections.Concurrent;
using Akka;
using Akka.Streams.Dsl;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Brokers.InMemory;

/// <summary>
/// A broker inside this process: for tests, for development, and for work that may die with the process. It keeps the
/// promises of a real one (encoded bodies, delay and dead-letter queues, credit, redelivery) and honours
/// <c>broker_priority</c> as RabbitMQ does, the higher number first.
/// </summary>
/// <remarks>
/// Publishing and settling complete at once. What a consumer had not settled when it ended goes back to where it stood
/// in the queue and counts as delivered. Disposal closes the consumers and nothing else: the messages stay, so that a
/// test can look at them, or start another worker on them.
/// </remarks>
public sealed class InMemoryBroker(InMemoryBrokerOptions? options = null) : IInspectsQueues, IKeepsPauses, IKeepsLives
{
    private readonly InMemoryBrokerOptions _options = options ?? new InMemoryBrokerOptions();
    private readonly ConcurrentDictionary<string, InMemoryQueue> _queues = new(StringComparer.Ordinal);
    private readonly InMemoryPauses _pauses = new();

    /// <inheritdoc />
    public string Name => "memory";

    /// <inheritdoc />
    public Task DeclareQueueAsync(string queue, CancellationToken cancellationToken)
    {
        _queues.GetOrAdd(QueueName.Canonical(QueueName.Checked(queue)), static (name, options) => new InMemoryQueue(name, options), _options);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask<PublishOutcome> PublishAsync(IReadOnlyList<Publication> batch, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<PublishOutcome>(cancellationToken);
        Exception?[]? failures = null;
        Lane? filled = null;
        for (var i = 0; i < batch.Count; i++)
        {
            try
            {
                var lane = Store(batch[i]);
                // Waking after the last message of a run, and not after each, is what makes large batches.
                if (lane != filled) filled?.Wake();
                filled = lane;
            }
            catch (Exception error)
            {
                (failures ??= new Exception?[batch.Count])[i] = error;
            }
        }

        filled?.Wake();
        return ValueTask.FromResult(failures is null ? PublishOutcome.Confirmed : PublishOutcome.Failed(failures));
    }

    /// <inheritdoc />
    public Source<IReadOnlyList<Delivery>, IBrokerConsumer> Consume(string queue, int prefetch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(prefetch, 1);
        return Source.FromGraph(new DeliverySource(this, queue, prefetch));
    }

    /// <summary>
    /// Waits until a queue has run empty: nothing ready, nothing delayed, nothing in the hands of a consumer. For tests.
    /// </summary>
    /// <param name="queue">The canonical queue.</param>
    /// <param name="timeout">How long to wait, in real time whatever clock the broker has; null for as long as it takes.</param>
    /// <param name="failFast">
    /// Whether to throw the cause of the first dead letter, with the stack it came with, as soon as the queue has one;
    /// one from before the join counts. Null for <see cref="InMemoryBrokerOptions.FailFastDefault"/>.
    /// </param>
    /// <param name="advance">
    /// For virtual time: called, outside of any lock and one call at a time, whenever only delayed messages are left and
    /// none of them is due, with the time until the first of them is. It must move the broker's clock by that time, as
    /// <c>FakeTimeProvider.Advance</c> does. Null leaves time alone. It can come while a consumer of the delay queue is
    /// about to set a timer, which is then late by the jump: such a consumer looks at the clock again after setting it.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="QueueNotFoundException">The queue was never declared.</exception>
    /// <exception cref="QueueJoinTimeoutException">The queue was not empty in time; the text says what it held.</exception>
    /// <exception cref="DramatiqException">Failing fast on a dead letter whose cause is unknown; or <paramref name="advance"/> did not move the broker's clock.</exception>
    public Task JoinAsync(
        string queue, TimeSpan? timeout = null, bool? failFast = null, Action<TimeSpan>? advance = null, CancellationToken cancellationToken = default) =>
        new QueueJoin(Find(queue), _options.TimeProvider, failFast ?? _options.FailFastDefault, advance).RunAsync(timeout, cancellationToken);

    /// <summary>The dead letters of one queue with what killed them, oldest first. Kept until requeued, purged, or older than <see cref="InMemoryBrokerOptions.DeadMessageTtl"/>.</summary>
    /// <exception cref="QueueNotFoundException">The queue was never declared.</exception>
    public IReadOnlyList<DeadLetter> DeadLetters(string queue) => Find(queue).DeadLetters();

    /// <summary>The dead letters of all queues, by queue name and then oldest first.</summary>
    public IReadOnlyList<DeadLetter> DeadLetters() => [.. Names().SelectMany(DeadLetters)];

    /// <summary>Drops what waits, is delayed or dead in every queue; what a consumer holds is left alone.</summary>
    public void FlushAll()
    {
        foreach (var (name, queue) in _queues)
        {
            queue.Purge(name);
            queue.Purge(QueueName.Delay(name));
            queue.Purge(QueueName.Dead(name));
        }
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<string>> GetQueuesAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<string>>(Names());

    /// <inheritdoc />
    public ValueTask<QueueStats> GetStatsAsync(string queue, CancellationToken cancellationToken) => Answer(queue, static found =>
        found.Stats() with { OldestReady = found.First() is { } body ? MessageIds.MadeAt(body) : null });

    /// <inheritdoc />
    public ValueTask<PeekedPage> PeekAsync(string queue, PeekRequest request, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(request.Offset);
        ArgumentOutOfRangeException.ThrowIfNegative(request.Count);
        return Answer(queue, found => found.Peek(queue, request.Offset, request.Looks, message => request.Matches?.Invoke(message) != false, request.Count));
    }

    /// <inheritdoc />
    public ValueTask<PeekedPage> FindAsync(string queue, string id, CancellationToken cancellationToken)
    {
        var ids = new MessageIds([id]);
        return Answer(queue, found => found.Peek(queue, offset: 0, looks: int.MaxValue, message => ids.Has(message.Key, message.Body), most: 1));
    }

    /// <inheritdoc />
    public ValueTask<MessagesMoved> MoveAsync(string queue, MoveRequest request, CancellationToken cancellationToken)
    {
        var ids = request.Ids is { } named ? new MessageIds(named) : null;
        return Answer(queue, found =>
        {
            var moved = found.Move(queue, request.Kind, message => ids?.Has(message.Key, message.Body) != false && request.Means(message));
            request.Tell(moved);
            return new MessagesMoved(moved.Count);
        });
    }

    /// <inheritdoc />
    public ValueTask<long> PurgeAsync(string queue, CancellationToken cancellationToken) => Answer(queue, found => (long)found.Purge(queue));

    /// <inheritdoc />
    public ValueTask<IReadOnlySet<string>> GetPausedAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_pauses.Current);

    /// <inheritdoc />
    public ValueTask<IReadOnlySet<string>> SetPausedAsync(string queue, bool isPaused, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_pauses.Set(QueueName.Checked(queue), isPaused));

    /// <inheritdoc />
    public Source<IReadOnlySet<string>, NotUsed> WatchPauses() => _pauses.Watch();

    /// <inheritdoc />
    public ILifeStore CreateLifeStore(TimeSpan ttl) => new InMemoryLifeStore(ttl, _options.TimeProvider);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var queue in _queues.Values)
        {
            foreach (var consumer in queue.Main.Consumers()) await consumer.CloseAsync();
            foreach (var consumer in queue.Delay.Consumers()) await consumer.CloseAsync();
        }
    }

    internal static byte PriorityOf(Message message) =>
        message.Options.TryGetInt64(OptionNames.BrokerPriority, out var priority) ? (byte)Math.Clamp(priority, byte.MinValue, byte.MaxValue) : (byte)0;

    internal Lane? FindLane(string wireName)
    {
        if (_queues.TryGetValue(wireName, out var queue)) return queue.Main;
        return QueueName.IsDelay(wireName) && _queues.TryGetValue(QueueName.Canonical(wireName), out queue) ? queue.Delay : null;
    }

    internal QueueNotFoundException NotFound(string queue) => new(queue, _queues.Keys);

    private Lane Store(Publication publication)
    {
        var message = publication.OnTheWire();
        var lane = FindLane(message.QueueName) ?? throw NotFound(publication.Message.QueueName);
        lane.Add(message.Encode(), publication.Eta ?? 0, PriorityOf(message));
        return lane;
    }

    private InMemoryQueue Find(string queue) =>
        _queues.TryGetValue(QueueName.Canonical(queue), out var found) ? found : throw NotFound(queue);

    private string[] Names() => [.. _queues.Keys.Order(StringComparer.Ordinal)];

    private ValueTask<T> Answer<T>(string queue, Func<InMemoryQueue, T> question) =>
        _queues.TryGetValue(QueueName.Canonical(queue), out var found)
            ? ValueTask.FromResult(question(found))
            : ValueTask.FromException<T>(NotFound(queue));
}
