using System.Collections.Concurrent;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Tests.EndToEnd;

public sealed class FirstRunSpec
{
    [Fact]
    public async Task Delegate_must_run_what_is_enqueued()
    {
        var seen = new ConcurrentQueue<int>();
        await using var host = await TestHost.StartAsync(d => d.AddActor("add", (int x, int y) => seen.Enqueue(x + y)));

        var enqueued = await host.Queue.EnqueueAsync(new ActorCall("add", 1, 2));
        await host.JoinAsync();

        Assert.Equal(("default", "add"), (enqueued.Queue, enqueued.ActorName));
        Assert.Equal([3], seen);
    }
}
