using Akka.Streams;
using Akka.TestKit.Xunit2;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Brokers.InMemory;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Tests.Contracts;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.Brokers.InMemory;

/// <summary>A broker on a fake clock with one declared queue, <c>q</c>.</summary>
public abstract class InMemoryBrokerFixture : TestKit
{
    private readonly ActorMaterializer _materializer;

    protected InMemoryBrokerFixture()
    {
        _materializer = Sys.Materializer();
        Broker = new InMemoryBroker(new InMemoryBrokerOptions { TimeProvider = Clock });
        Broker.DeclareQueueAsync("q", CancellationToken.None);
    }

    protected static TimeSpan Soon => EndToEnd.Eventually.Patience;

    protected FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    protected InMemoryBroker Broker { get; }

    protected long NowMs => Clock.GetUtcNow().ToUnixTimeMilliseconds();

    protected static Message NewMessage(string id, MessageOptions? options = null) => new(
        "q", "add", "[1,2]"u8.ToArray(), "{}"u8.ToArray(), options ?? MessageOptions.Empty, id, 1_700_000_000_000);

    protected DeliveryReader Consume(string queue = "q", int prefetch = 100) => DeliveryReader.Start(Broker, queue, prefetch, _materializer);

    protected async Task PublishAsync(params string[] ids)
    {
        foreach (var id in ids) await PublishAsync(NewMessage(id), eta: null);
    }

    protected async Task PublishAsync(Message message, long? eta) =>
        Assert.True((await Broker.PublishAsync([new Publication(message, eta)], CancellationToken.None)).AllConfirmed);

    protected async Task BuryAsync(string id, Exception? cause, ReadOnlyMemory<byte> body = default)
    {
        await PublishAsync(id);
        var reader = Consume();
        await reader.SettleAsync(Settlement.DeadLetter(await reader.ReadAsync(), body, cause));
        await reader.CloseAsync();
    }

    protected async Task<QueueStats> StatsAsync() => (await Broker.GetStatsAsync("q", CancellationToken.None)) with { OldestReady = null };

    protected async Task<string[]> PeekAsync(string queue, int offset = 0, int count = 100) =>
        [.. (await Broker.PeekBodiesAsync(queue, offset, count)).Select(body => Message.Decode(body).MessageId)];
}
