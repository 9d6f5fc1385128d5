using System.Diagnostics;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Tests.Contracts;
using Dramatiq.Akka.Tests.Telemetry;
using StackExchange.Redis;

namespace Dramatiq.Akka.Tests.Brokers.Redis;

/// <summary>What messages that are due in an hour cost the process, whose memory is that of all its tests.</summary>
[Collection(Alone.Name)]
public sealed class DelayMemorySpec(RedisServer server) : RedisFixture(server), IClassFixture<RedisServer>
{
    [Fact]
    public async Task Long_delays_must_cost_no_memory_here_and_stay_there_for_Python()
    {
        const int count = 100_000;
        var broker = await NewBrokerAsync();
        var eta = await NowMsAsync() + 3_600_000;
        var body = NewMessage("x", "q.DQ").With(options: MessageOptions.Empty.With(OptionNames.Eta, eta)).Encode();
        foreach (var chunk in Enumerable.Range(0, count).Chunk(10_000))
        {
            await Database.HashSetAsync(Key("q.DQ.msgs"), [.. chunk.Select(id => new HashEntry(id, body))]);
            await Database.ListRightPushAsync(Key("q.DQ"), [.. chunk.Select(static id => (RedisValue)id)]);
        }

        var before = GC.GetTotalMemory(forceFullCollection: true);
        Consume(broker, "q.DQ");
        await EventuallyAsync(async () => await Database.SortedSetLengthAsync(Key("etas:q.DQ")) == count, "all etas are known");

        // Messages that were held would stay, some 40 MB of them; what else this process allocates meanwhile comes and goes.
        await EventuallyAsync(() => Task.FromResult(GC.GetTotalMemory(forceFullCollection: true) - before < 10_000_000), "nothing is held");
        Assert.Equal(count, await Database.ListLengthAsync(Key("q.DQ")));
        Assert.Equal(count, await Database.HashLengthAsync(Key("q.DQ.msgs")));

        // One among all of them is found when it is due.
        var clock = Stopwatch.StartNew();
        await WriteAsPythonAsync("soon", "q.DQ", await NowMsAsync() + 50);
        Assert.Equal("soon", DeliveryReader.Id(await Consume(broker).ReadAsync()));
        Assert.InRange(clock.Elapsed, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(20));   // sooner than an idle consumer looks again by itself
    }
}
