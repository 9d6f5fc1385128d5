using System.Collections.Concurrent;
using Akka.Streams;
using Akka.Streams.Dsl;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Contracts;

/// <summary>What every broker must do that keeps pauses for every process.</summary>
public abstract class PausesSpec : BrokerFixture
{
    private IKeepsPauses Keeper => (IKeepsPauses)Broker;

    /// <summary>What another process has: a broker of its own on the same server.</summary>
    protected abstract IKeepsPauses Other();

    private bool IsIn(IReadOnlySet<string> paused, string suffix = "") => paused.Contains(Queue + suffix);

    [Fact]
    public async Task Pause_must_be_kept_for_every_process_until_it_is_ended()
    {
        Assert.False(IsIn(await Keeper.GetPausedAsync(CancellationToken.None)));
        Assert.True(IsIn(await Keeper.SetPausedAsync(Queue, true, CancellationToken.None)));
        Assert.True(IsIn(await Keeper.SetPausedAsync(Queue, true, CancellationToken.None)));
        Assert.True(IsIn(await Other().GetPausedAsync(CancellationToken.None)));
        Assert.False(IsIn(await Other().SetPausedAsync(Queue, false, CancellationToken.None)));
        Assert.False(IsIn(await Keeper.SetPausedAsync(Queue, false, CancellationToken.None)));
        Assert.False(IsIn(await Keeper.GetPausedAsync(CancellationToken.None)));
    }

    [Fact]
    public async Task Pauses_from_two_processes_must_both_come_to_pass()
    {
        var other = Other();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async i => await (i % 2 == 0 ? Keeper : other).SetPausedAsync($"{Queue}{i}", true, CancellationToken.None)));
        var paused = await Keeper.GetPausedAsync(CancellationToken.None);
        Assert.All(Enumerable.Range(0, 20), i => Assert.True(IsIn(paused, $"{i}")));
        foreach (var i in Enumerable.Range(0, 20))
            await Keeper.SetPausedAsync($"{Queue}{i}", false, CancellationToken.None);
    }

    [Fact]
    public async Task Watch_must_tell_what_is_so_and_then_each_change()
    {
        await Keeper.SetPausedAsync(Queue, true, CancellationToken.None);
        var heard = new ConcurrentQueue<IReadOnlySet<string>>();
        using var materializer = NewMaterializer();
        _ = Other().WatchPauses().RunForeach(heard.Enqueue, materializer);
        await Eventually.AssertAsync(() => Assert.True(IsIn(heard.Last())));
        await Keeper.SetPausedAsync(Queue, false, CancellationToken.None);
        await Eventually.AssertAsync(() => Assert.False(IsIn(heard.Last())));
        await Keeper.SetPausedAsync(Queue + "_b", true, CancellationToken.None);
        await Eventually.AssertAsync(() => Assert.True(IsIn(heard.Last(), "_b") && !IsIn(heard.Last())));
        await Keeper.SetPausedAsync(Queue + "_b", false, CancellationToken.None);
    }
}
