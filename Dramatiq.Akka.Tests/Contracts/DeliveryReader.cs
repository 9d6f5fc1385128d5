using Akka.Streams;
using Akka.Streams.Dsl;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Tests.Contracts;

/// <summary>A materialized source of deliveries that a spec reads at its own pace. Every read has a deadline.</summary>
public sealed class DeliveryReader
{
    private static readonly TimeSpan Deadline = EndToEnd.Eventually.Patience;
    private readonly ISinkQueue<IReadOnlyList<Delivery>> _batches;
    private readonly UniqueKillSwitch _killSwitch;
    private readonly Queue<Delivery> _arrived = new();
    private Task<global::Akka.Util.Option<IReadOnlyList<Delivery>>>? _pull;

    private DeliveryReader(IBrokerConsumer consumer, UniqueKillSwitch killSwitch, ISinkQueue<IReadOnlyList<Delivery>> batches)
    {
        Consumer = consumer;
        _killSwitch = killSwitch;
        _batches = batches;
    }

    public IBrokerConsumer Consumer { get; }

    public static DeliveryReader Start(IBroker broker, string queue, int prefetch, IMaterializer materializer)
    {
        var ((consumer, killSwitch), batches) = broker.Consume(queue, prefetch)
            .ViaMaterialized(KillSwitches.Single<IReadOnlyList<Delivery>>(), Keep.Both)
            .ToMaterialized(Sink.Queue<IReadOnlyList<Delivery>>(), Keep.Both)
            .Run(materializer);
        return new DeliveryReader(consumer, killSwitch, batches);
    }

    public async Task<Delivery> ReadAsync() => (await ReadAsync(1))[0];

    /// <summary>Reads so many deliveries, and keeps what came with the last of them for the next read.</summary>
    public async Task<IReadOnlyList<Delivery>> ReadAsync(int count)
    {
        while (_arrived.Count < count)
        {
            foreach (var delivery in await NextBatchAsync() ?? throw new InvalidOperationException("The source completed.")) _arrived.Enqueue(delivery);
        }

        return [.. Enumerable.Range(0, count).Select(_ => _arrived.Dequeue())];
    }

    /// <summary>The next batch as it came; null when the source has completed.</summary>
    public async Task<IReadOnlyList<Delivery>?> NextBatchAsync()
    {
        _pull ??= _batches.PullAsync();
        var batch = await _pull.WaitAsync(Deadline);
        _pull = null;
        return batch.HasValue ? batch.Value : null;
    }

    /// <summary>Asks the source for a batch and leaves without it, so that the consumer sits there idle.</summary>
    public Task BeginRead() => _pull ??= _batches.PullAsync();

    public Task AckAsync(params Delivery[] deliveries) => SettleAsync([.. deliveries.Select(Settlement.Ack)]);

    public Task SettleAsync(params Settlement[] settlements) => Consumer.SettleAsync(settlements).AsTask().WaitAsync(Deadline);

    public Task CloseAsync() => Consumer.CloseAsync().AsTask().WaitAsync(Deadline);

    public void CancelStream() => _killSwitch.Shutdown();

    public static string[] Ids(IEnumerable<Delivery> deliveries) => [.. deliveries.Select(Id)];

    public static string Id(Delivery delivery) => Message.Decode(delivery.Body).MessageId;
}
