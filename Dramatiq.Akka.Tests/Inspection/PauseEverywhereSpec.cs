using Dramatiq.Akka.Brokers.InMemory;
using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Inspection;

/// <summary>Two systems on one broker.</summary>
public sealed class PauseEverywhereSpec
{
    private readonly InMemoryBroker _broker = new();

    private static Task IsAsync(InspectionHost host, ConsumerState state) => Eventually.AssertAsync(async () =>
    {
        var queue = await host.AskAsync(new GetQueue("default"));
        Assert.Equal((state, state), (queue.Consumer!.State, queue.DelayConsumer!.State));
    });

    /// <summary>What is told first. Asked again only where nothing was, as by a consumer that a slow machine keeps waiting.</summary>
    private static async Task<QueueReport> ToldAsync(InspectionHost host)
    {
        QueueReport? told = null;
        await Eventually.AssertAsync(async () => Assert.NotNull((told = await host.AskAsync(new GetQueue("default"))).Consumer));
        return told!;
    }

    [Fact]
    public async Task Pause_must_reach_every_process_and_those_that_start_later()
    {
        await using var one = await InspectionHost.StartAsync(broker: _broker);
        await using var two = await InspectionHost.StartAsync(broker: _broker);
        Assert.Equal(new QueuePauses("default", false, true), await one.AskAsync(new PauseQueue("default", Everywhere: true)));
        Assert.Equal(ConsumerState.Paused, (await ToldAsync(one)).Consumer!.State);
        await IsAsync(two, ConsumerState.Paused);
        await using var three = await InspectionHost.StartAsync(broker: _broker);
        await one.EnqueueAsync("wait", "x");
        var late = await ToldAsync(three);
        Assert.Equal((ConsumerState.Paused, false, true, 1), (late.Consumer!.State, late.IsPausedHere, late.IsPausedEverywhere, late.Ready));
        await Eventually.AssertAsync(async () => Assert.Equal(ConsumerState.Consuming, (await three.AskAsync(new GetQueue("sums"))).Consumer!.State));

        Assert.Equal(new QueuePauses("default", false, false), await two.AskAsync(new ResumeQueue("default", Everywhere: true)));
        foreach (var host in new[] { one, two, three })
        {
            await IsAsync(host, ConsumerState.Consuming);
            host.Gate.Release();
        }

        await one.Host.JoinAsync();
    }

    [Fact]
    public async Task Own_pause_and_that_of_all_must_be_apart()
    {
        await using var one = await InspectionHost.StartAsync(broker: _broker);
        await one.AskAsync(new PauseQueue("default"));
        await one.AskAsync(new PauseQueue("default", Everywhere: true));
        Assert.Equal(new QueuePauses("default", true, false), await one.AskAsync(new ResumeQueue("default", Everywhere: true)));
        await IsAsync(one, ConsumerState.Paused);
        await one.AskAsync(new PauseQueue("default", Everywhere: true));
        Assert.Equal(new QueuePauses("default", false, true), await one.AskAsync(new ResumeQueue("default")));
        await IsAsync(one, ConsumerState.Paused);
        await one.AskAsync(new ResumeQueue("default", Everywhere: true));
        await IsAsync(one, ConsumerState.Consuming);
    }
}
