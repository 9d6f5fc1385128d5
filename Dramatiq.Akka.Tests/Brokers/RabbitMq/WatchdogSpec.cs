using Akka.Streams;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Brokers.RabbitMq.Consuming;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Tests.Contracts;

namespace Dramatiq.Akka.Tests.Brokers.RabbitMq;

[Collection(RabbitMqCollection.Name)]
public sealed class WatchdogSpec(SharedRabbitMq shared) : IAsyncLifetime
{
    private readonly ActorSystem _system = ActorSystem.Create("watchdog");
    private readonly string _queue = "watchdog_" + Guid.NewGuid().ToString("N");

    public Task InitializeAsync()
    {
        _ = shared.Server;
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _system.Terminate();
        await shared.Server.DeleteQueuesAsync(_queue);
    }

    [Fact]
    public async Task A_consumer_that_is_alive_and_gets_nothing_must_be_ended()
    {
        await using var broker = TestBroker.Create(shared.Server, "dramatiq.rabbitmq.watchdog-interval = 100ms");
        await broker.DeclareQueueAsync(_queue, CancellationToken.None);
        var reader = DeliveryReader.Start(broker, _queue, 5, _system.Materializer());
        await using var connection = await shared.Server.Factory().CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await EndToEnd.Eventually.AssertAsync(async () => Assert.Equal(1u, await channel.ConsumerCountAsync(_queue)));   // one that is about to consume gets nothing either
        await PublishAsync(broker, "a");
        await reader.AckAsync(await reader.ReadAsync());

        // The server forgets the consumer, and this side is not told.
        var subscription = ((RabbitMqConsumer)reader.Consumer).Subscription;
        await subscription.Channel!.BasicCancelAsync(subscription.ConsumerTag!);
        await PublishAsync(broker, "b");

        var error = await Assert.ThrowsAnyAsync<Exception>(reader.NextBatchAsync);
        Assert.Contains("it was alive and got nothing", error.ToString(), StringComparison.Ordinal);
        await using var patient = TestBroker.Create(shared.Server);
        Assert.Equal("b", DeliveryReader.Id(await DeliveryReader.Start(patient, _queue, 5, _system.Materializer()).ReadAsync()));
    }

    [Fact]
    public async Task A_consumer_with_nothing_to_get_or_no_credit_must_be_left_alone()
    {
        await using var broker = TestBroker.Create(shared.Server, "dramatiq.rabbitmq.watchdog-interval = 1h");
        await broker.DeclareQueueAsync(_queue, CancellationToken.None);
        var reader = DeliveryReader.Start(broker, _queue, 1, _system.Materializer());
        var declarer = new global::Dramatiq.Akka.Brokers.RabbitMq.Topology.QueueDeclarer(
            new global::Dramatiq.Akka.Brokers.RabbitMq.Connecting.ConnectionKeeper(TestBroker.Settings(shared.Server.Url), "watching"), TestBroker.Settings(shared.Server.Url));
        var consumer = (RabbitMqConsumer)reader.Consumer;
        var watch = new ConsumerWatch(consumer, declarer, TestBroker.Settings(shared.Server.Url), global::Akka.Event.NoLogger.Instance, TimeProvider.System);
        for (var i = 0; i < 3; i++)
            await watch.CheckAsync();

        await PublishAsync(broker, "a");
        await PublishAsync(broker, "b");
        await reader.ReadAsync();
        for (var i = 0; i < 3; i++)
            await watch.CheckAsync();
        Assert.False(consumer.Subscription.Completion.IsCompleted);
    }

    private async Task PublishAsync(global::Dramatiq.Akka.Brokers.RabbitMq.RabbitMqBroker broker, string id)
    {
        var message = new Message(_queue, "add", "[1,2]"u8.ToArray(), "{}"u8.ToArray(), MessageOptions.Empty, id, 1_700_000_000_000);
        Assert.True((await broker.PublishAsync([new Publication(message, null)], CancellationToken.None)).AllConfirmed);
    }
}
