using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Tests.Contracts;

namespace Dramatiq.Akka.Tests.Brokers.Redis;

/// <summary>What is finished, and waits for its result to be stored, gives its credit to others, within bounds.</summary>
[Collection(RedisServerCollection.Name)]
public sealed class CreditSpec(RedisServer server) : RedisFixture(server)
{
    [Fact]
    public async Task Finished_deliveries_must_free_their_credit_for_one_more_prefetch_and_stay_unsettled()
    {
        var broker = await NewBrokerAsync();
        await broker.PublishAsync([.. Enumerable.Range(0, 20).Select(static n => new Publication(NewMessage($"{n}"), null))], CancellationToken.None);
        var reader = Consume(broker, prefetch: 4);
        var consumer = Assert.IsAssignableFrom<IFreesCredit>(reader.Consumer);

        var first = await reader.ReadAsync(4);
        await LeftAsync(16);
        consumer.Finished([.. first.Take(2)]);
        consumer.Finished([.. first.Take(2)]);   // said twice, it frees no more
        var second = new List<Delivery>(await reader.ReadAsync(2));
        await reader.BeginRead().WaitAsync(TimeSpan.FromMilliseconds(300)).ContinueWith(static _ => { }, TaskScheduler.Default);
        await LeftAsync(14);
        consumer.Finished([.. first.Skip(2)]);
        second.AddRange(await reader.ReadAsync(2));
        await LeftAsync(12);

        // As many as the prefetch are finished already: these keep their credit.
        consumer.Finished(second);
        await reader.BeginRead().WaitAsync(TimeSpan.FromMilliseconds(300)).ContinueWith(static _ => { }, TaskScheduler.Default);
        await LeftAsync(12);

        await reader.AckAsync([.. first]);
        var third = await reader.ReadAsync(4);
        await LeftAsync(8);
        Assert.Equal(Enumerable.Range(0, 12).Select(static n => $"{n}"), DeliveryReader.Ids([.. first, .. second, .. third]));

        // What was finished and not settled goes back with the rest.
        await reader.CloseAsync();
        await LeftAsync(16);
    }

    private Task LeftAsync(int count) => EventuallyAsync(async () => await Database.ListLengthAsync(Key("q")) == count, $"{count} are left");
}
