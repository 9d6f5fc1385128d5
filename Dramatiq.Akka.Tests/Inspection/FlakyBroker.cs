using Akka;
using Akka.Streams.Dsl;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Brokers.InMemory;

namespace Dramatiq.Akka.Tests.Inspection;

/// <summary>A broker in memory of which parts fail as the test says.</summary>
internal sealed class FlakyBroker : IInspectsQueues, IKeepsPauses
{
    private readonly InMemoryBroker _inner = new();

    /// <summary>What asking for pauses, or setting them, fails with.</summary>
    public BrokerException? Pauses { get; set; }

    /// <summary>The queue that cannot be counted.</summary>
    public string? Unreadable { get; set; }

    /// <summary>What was asked for last.</summary>
    public PeekRequest? Asked { get; private set; }

    public string Name => _inner.Name;

    public Task DeclareQueueAsync(string queue, CancellationToken cancellationToken) => _inner.DeclareQueueAsync(queue, cancellationToken);

    public ValueTask<PublishOutcome> PublishAsync(IReadOnlyList<Publication> batch, CancellationToken cancellationToken) => _inner.PublishAsync(batch, cancellationToken);

    public Source<IReadOnlyList<Delivery>, IBrokerConsumer> Consume(string queue, int prefetch) => _inner.Consume(queue, prefetch);

    public ValueTask<IReadOnlyList<string>> GetQueuesAsync(CancellationToken cancellationToken) => _inner.GetQueuesAsync(cancellationToken);

    public ValueTask<QueueStats> GetStatsAsync(string queue, CancellationToken cancellationToken) =>
        queue == Unreadable ? throw new BrokerException("it is damaged") : _inner.GetStatsAsync(queue, cancellationToken);

    public ValueTask<PeekedPage> PeekAsync(string queue, PeekRequest request, CancellationToken cancellationToken)
    {
        Asked = request;
        return _inner.PeekAsync(queue, request, cancellationToken);
    }

    public ValueTask<PeekedPage> FindAsync(string queue, string id, CancellationToken cancellationToken) => _inner.FindAsync(queue, id, cancellationToken);

    public ValueTask<MessagesMoved> MoveAsync(string queue, MoveRequest request, CancellationToken cancellationToken) => _inner.MoveAsync(queue, request, cancellationToken);

    public ValueTask<long> PurgeAsync(string queue, CancellationToken cancellationToken) => _inner.PurgeAsync(queue, cancellationToken);

    public ValueTask<IReadOnlySet<string>> GetPausedAsync(CancellationToken cancellationToken) => Pauses is { } away ? throw away : _inner.GetPausedAsync(cancellationToken);

    public ValueTask<IReadOnlySet<string>> SetPausedAsync(string queue, bool isPaused, CancellationToken cancellationToken) =>
        Pauses is { } away ? throw away : _inner.SetPausedAsync(queue, isPaused, cancellationToken);

    public Source<IReadOnlySet<string>, NotUsed> WatchPauses() => _inner.WatchPauses();

    public ValueTask DisposeAsync() => _inner.DisposeAsync();
}
