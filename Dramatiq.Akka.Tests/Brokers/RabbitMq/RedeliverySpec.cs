using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Tests.Contracts;
using Akka.Streams;

namespace Dramatiq.Akka.Tests.Brokers.RabbitMq;

/// <summary>A message that brings its process down each time is found out, though the process that counts is a new one each time.</summary>
[Collection(RabbitMqCollection.Name)]
public sealed class RedeliverySpec(SharedRabbitMq shared) : IAsyncLifetime
{
    private readonly ActorSystem _system = ActorSystem.Create("redelivery");
    private readonly string _queue = "redelivery_" + Guid.NewGuid().ToString("N");

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

    [Theory]
    [InlineData("classic")]
    [InlineData("quorum")]
    public async Task Deliveries_must_be_counted_across_processes_that_die(string type)
    {
        await using (var broker = Create(shared.Server.Url, type))
        {
            await broker.DeclareQueueAsync(_queue, CancellationToken.None);
            await broker.PublishAsync([new Publication(NewMessage(), null)], CancellationToken.None);
        }

        for (var count = 1; count <= 4; count++)
        {
            // A process that dies leaves its sockets to be reset and nothing else.
            await using var proxy = new CuttableProxy(shared.Server.Url);
            var broker = Create(proxy.Url, type);
            var delivery = await DeliveryReader.Start(broker, _queue, 5, _system.Materializer()).ReadAsync();
            Assert.Equal(count, delivery.DeliveryCount);
            proxy.Refuse();
            await broker.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_lost_connection_of_a_living_worker_must_not_be_counted()
    {
        await using var proxy = new CuttableProxy(shared.Server.Url);
        await using var broker = Create(proxy.Url, "classic");
        await broker.DeclareQueueAsync(_queue, CancellationToken.None);
        await broker.PublishAsync([new Publication(NewMessage(), null)], CancellationToken.None);
        for (var i = 0; i < 3; i++)
        {
            var reader = DeliveryReader.Start(broker, _queue, 5, _system.Materializer());
            Assert.Equal(1, (await reader.ReadAsync()).DeliveryCount);
            proxy.Cut();
            await Assert.ThrowsAnyAsync<Exception>(reader.NextBatchAsync);
        }
    }

    [Fact]
    public async Task A_message_delivered_too_often_must_be_dead_lettered_with_the_reason()
    {
        await using (var broker = Create(shared.Server.Url, "classic"))
        {
            await broker.DeclareQueueAsync(_queue, CancellationToken.None);
            await using var connection = await shared.Server.Factory().CreateConnectionAsync();
            await using var channel = await connection.CreateChannelAsync();
            var properties = new global::RabbitMQ.Client.BasicProperties { Headers = new Dictionary<string, object?> { ["x-dramatiq-deliveries"] = 20 } };
            await channel.BasicPublishAsync("", _queue, mandatory: true, properties, NewMessage().Encode());
        }

        await using var host = await RabbitMqHost.StartAsync(shared.Server.Url, d => d.AddActor("add", (int x, int y) => x + y, o => o.Queue(_queue)));
        using var deadline = new CancellationTokenSource(EndToEnd.Eventually.Patience);
        while (await shared.Server.CountAsync(_queue + ".XQ") == 0)
            await Task.Delay(10, deadline.Token);
        var letter = Assert.Single(await shared.Server.TakeAllAsync(_queue + ".XQ"));
        Assert.Contains("handed to a worker 20 times without coming to an end", System.Text.Encoding.UTF8.GetString(letter.Body.Span), StringComparison.Ordinal);
    }

    private static global::Dramatiq.Akka.Brokers.RabbitMq.RabbitMqBroker Create(string url, string type) => TestBroker.Create(url, $"dramatiq.rabbitmq.queue-type = {type}");

    private Message NewMessage() => new(_queue, "add", "[1,2]"u8.ToArray(), "{}"u8.ToArray(), MessageOptions.Empty, "a", 1_700_000_000_000);
}
