using Akka.Streams;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Tests.Contracts;

/// <summary>A backend's broker with one declared queue, and what its specs say often.</summary>
public abstract class BrokerFixture : IAsyncLifetime
{
    private ActorSystem _system = null!;
    private IMaterializer _materializer = null!;

    protected IBroker Broker { get; private set; } = null!;

    /// <summary>A queue of this test's own, so that specs of one server do not meet.</summary>
    protected string Queue { get; } = "spec_" + Guid.NewGuid().ToString("N");

    /// <summary>Whether the broker delivers a message of a higher <c>broker_priority</c> first.</summary>
    protected virtual bool SupportsPriority => false;

    /// <summary>Whether the order of messages that came back to the queue is the old one.</summary>
    protected virtual bool KeepsOrderOfReturned => true;

    protected abstract Task<IBroker> CreateBrokerAsync();

    /// <summary>Frees what <see cref="CreateBrokerAsync"/> took. The broker itself is disposed of already.</summary>
    protected virtual Task CleanUpAsync() => Task.CompletedTask;

    public async Task InitializeAsync()
    {
        _system = ActorSystem.Create("broker-spec");
        _materializer = _system.Materializer();
        Broker = await CreateBrokerAsync();
        await Broker.DeclareQueueAsync(Queue, CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await Broker.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));
        await _system.Terminate();
        await CleanUpAsync().WaitAsync(TimeSpan.FromSeconds(60));
    }

    protected static long FarEta => 4_102_444_800_000;

    protected DeliveryReader Consume(int prefetch = 10, string? queue = null) => DeliveryReader.Start(Broker, queue ?? Queue, prefetch, _materializer);

    /// <summary>A materializer of its own to be disposed of: the system's default one is shared and ignores that.</summary>
    protected ActorMaterializer NewMaterializer() => _system.Materializer(ActorMaterializerSettings.Create(_system));

    protected Message NewMessage(string id) => NewMessage(id, queue: null);

    protected Message NewMessage(string id, string? queue = null, long? priority = null) => new(
        queue ?? Queue, "add", "[1,2]"u8.ToArray(), "{}"u8.ToArray(),
        priority is { } value ? MessageOptions.Empty.With(OptionNames.BrokerPriority, value) : MessageOptions.Empty, id, 1_700_000_000_000);

    protected async Task PublishAsync(params Message[] messages) => Assert.True((await PublishUncheckedAsync(messages)).AllConfirmed);

    protected static string[] Numbered(int count) => [.. Enumerable.Range(0, count).Select(number => $"{number}")];

    protected ValueTask<PublishOutcome> PublishUncheckedAsync(params Message[] messages) =>
        Broker.PublishAsync([.. messages.Select(message => new Publication(message, null))], CancellationToken.None);

    /// <summary>The body as the publisher wrote it: a broker may add options of its own, as Redis does.</summary>
    protected virtual byte[] Canonicalized(ReadOnlyMemory<byte> body) => body.ToArray();

    protected void AssertOrder(string[] expected, IEnumerable<Delivery> deliveries)
    {
        var ids = DeliveryReader.Ids(deliveries);
        if (!KeepsOrderOfReturned) Array.Sort(ids, StringComparer.Ordinal);
        Assert.Equal(expected, ids);
    }
}
