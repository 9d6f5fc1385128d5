using System.Collections.Concurrent;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Tests.Contracts;

namespace Dramatiq.Akka.Tests.Brokers.InMemory;

public sealed class ConcurrencySpec : InMemoryBrokerFixture
{
    [Fact]
    public async Task Broker_must_lose_and_double_nothing_while_consumers_come_and_go()
    {
        const int publishers = 4, each = 2_000;
        var acked = new ConcurrentDictionary<string, int>();
        var publishing = Enumerable.Range(0, publishers).Select(publisher => Task.Run(async () =>
        {
            for (var i = 0; i < each; i++) await PublishAsync($"{publisher}-{i}");
        })).ToArray();
        var steady = Enumerable.Range(0, 2).Select(_ => Consume(prefetch: 7)).ToArray();
        var working = steady.Select(reader => AckAllAsync(reader, acked)).ToArray();
        var restless = Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
            {
                var reader = Consume(prefetch: 5);
                if (i % 2 == 0) reader.CancelStream();
                else await reader.CloseAsync();
            }
        });

        await Task.WhenAll([.. publishing, restless]).WaitAsync(Soon);
        await Broker.JoinAsync("q", Soon);
        foreach (var reader in steady) await reader.CloseAsync();
        await Task.WhenAll(working).WaitAsync(Soon);

        Assert.Equal(publishers * each, acked.Count);
        Assert.All(acked.Values, count => Assert.Equal(1, count));
    }

    private static async Task AckAllAsync(DeliveryReader reader, ConcurrentDictionary<string, int> acked)
    {
        var turn = 0;
        while (await reader.NextBatchAsync() is { } batch)
        {
            Assert.InRange(batch.Count, 1, 7);
            foreach (var delivery in batch)
            {
                // Every third goes back once, so that publishing, redelivery and credit all meet.
                if (delivery.DeliveryCount == 1 && ++turn % 3 == 0)
                {
                    await reader.SettleAsync(Settlement.Requeue(delivery));
                    continue;
                }

                acked.AddOrUpdate(DeliveryReader.Id(delivery), 1, static (_, count) => count + 1);
                await reader.AckAsync(delivery);
            }
        }
    }
}
