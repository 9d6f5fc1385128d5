using Dramatiq.Akka.Brokers;
using static Dramatiq.Akka.Tests.Enqueueing.GatewayHost;

namespace Dramatiq.Akka.Tests.Enqueueing;

/// <summary>What the gateway does when a queue cannot be declared yet, or at all; and when it stops itself.</summary>
public sealed class DeclaringSpec
{
    [Fact]
    public async Task Messages_must_wait_for_their_queue_and_keep_their_order()
    {
        await using var host = await StartAsync();
        var declared = 0;
        host.Broker.OnDeclare = _ => ++declared < 3 ? Task.FromException(new BrokerConnectionException("not yet")) : Task.CompletedTask;
        var sent = Enumerable.Range(0, 10).Select(i => host.Queue.EnqueueAsync(new Greet($"{i}"))).ToArray();
        await host.PassTimeUntilAsync(Task.WhenAll(sent));

        Assert.Equal(3, declared);
        Assert.Equal(Enumerable.Range(0, 10).Select(static i => $"{i}"), host.Names());
    }

    [Fact]
    public async Task Queue_that_is_refused_must_fail_its_messages_with_the_broker_s_words()
    {
        await using var host = await StartAsync();
        host.Broker.OnDeclare = static queue => queue == "far" ? Task.FromException(new BrokerException("inequivalent arg 'x-max-priority'")) : Task.CompletedTask;
        var failed = await Assert.ThrowsAsync<EnqueueFailedException>(() => host.Queue.EnqueueAsync(new Enqueue(new ActorCall("remote", 1)) { MessageId = "m" }));
        Assert.Equal("remote m was not enqueued on far: the broker refused it: inequivalent arg 'x-max-priority'.", failed.Message);
        await host.Queue.EnqueueAsync(new Greet("other queues go on"));
    }

    [Fact]
    public async Task Declaration_that_hangs_must_be_given_up_and_nothing_published_later()
    {
        await using var host = await StartAsync();
        var hanging = new TaskCompletionSource();
        host.Broker.OnDeclare = _ => hanging.Task;
        var first = host.Queue.EnqueueAsync(new Greet("late"));
        await EndToEnd.Eventually.AssertAsync(() => Assert.Single(host.Broker.Declared));
        var failed = await Assert.ThrowsAsync<EnqueueFailedException>(() => host.PassTimeUntilAsync(first));
        Assert.Contains("the broker did not confirm it within 30 s", failed.Message, StringComparison.Ordinal);

        host.Broker.OnDeclare = static _ => Task.CompletedTask;
        await host.PassTimeUntilAsync(host.Queue.EnqueueAsync(new Greet("next")));
        hanging.SetResult();
        await host.Queue.EnqueueAsync(new Greet("last"));
        Assert.Equal(["next", "last"], host.Names());
    }

    [Fact]
    public async Task Gateway_that_stops_must_fail_what_waits_and_what_comes_later()
    {
        await using var host = await StartAsync();
        var never = new TaskCompletionSource<PublishOutcome>();
        host.Broker.OnPublish = (_, _) => new(never.Task);
        var waiting = host.Queue.EnqueueAsync(new Enqueue(new Greet("x")) { MessageId = "m" });
        await EndToEnd.Eventually.AssertAsync(() => Assert.Single(host.Broker.Calls));
        host.Host.System.Stop(host.Host.Gateway);

        var failed = await Assert.ThrowsAsync<EnqueueFailedException>(() => waiting.WaitAsync(EndToEnd.Eventually.Patience));
        Assert.Equal("greet m was not enqueued on greetings: the process shut down before the broker had confirmed it.", failed.Message);
        foreach (var late in new[] { () => host.Queue.EnqueueAsync(new Greet("late")), () => (Task)host.Host.Gateway.Ask<Enqueued>(new Enqueue(new Greet("late")), EndToEnd.Eventually.Patience) })
            Assert.Equal("Not enqueued: the queue gateway has stopped, since the process shuts down.",
                (await Assert.ThrowsAsync<EnqueueFailedException>(() => late().WaitAsync(EndToEnd.Eventually.Patience))).Message);
    }
}
