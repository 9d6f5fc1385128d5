using Dramatiq.Akka.Brokers;
using static Dramatiq.Akka.Tests.Enqueueing.GatewayHost;

namespace Dramatiq.Akka.Tests.Enqueueing;

/// <summary>A broker that is slow, away, or of two minds.</summary>
public sealed class SlowBrokerSpec
{
    private static readonly TaskCompletionSource<PublishOutcome> Never = new();

    private static ValueTask<PublishOutcome> Hang(Publication[] call, CancellationToken token) => new(Never.Task.WaitAsync(token));

    private static async Task<T> Throws<T>(Task task) where T : Exception => await Assert.ThrowsAsync<T>(() => task.WaitAsync(EndToEnd.Eventually.Patience));

    [Fact]
    public async Task Gateway_must_refuse_more_messages_than_may_wait()
    {
        await using var host = await StartAsync(d => d.Options.GatewayMaxPending = 5);
        var answer = new TaskCompletionSource<PublishOutcome>();
        host.Broker.OnPublish = (_, _) => new(answer.Task);
        var waiting = Enumerable.Range(0, 5).Select(i => host.Queue.EnqueueAsync(new Greet($"{i}"))).ToArray();

        var refused = await Throws<EnqueueFailedException>(host.Queue.EnqueueAsync(new Enqueue(new Greet("6")) { MessageId = "m6" }));
        Assert.StartsWith("greet m6 was not enqueued on greetings: 5 messages (2 KiB) wait for the broker already, and the limit is 5 (65536 KiB): see dramatiq.gateway.max-pending.", refused.Message, StringComparison.Ordinal);
        answer.SetResult(PublishOutcome.Confirmed);
        await Task.WhenAll(waiting);
        await host.Queue.EnqueueAsync(new Greet("7"));
    }

    [Fact]
    public async Task Gateway_must_refuse_more_bytes_than_may_wait()
    {
        await using var host = await StartAsync(d => d.Options.GatewayMaxPendingBytes = 4_096);
        host.Broker.OnPublish = Hang;
        var first = host.Queue.EnqueueAsync(new Greet(new string('x', 3_000)));
        var refused = await Throws<EnqueueFailedException>(host.Queue.EnqueueAsync(new Greet(new string('y', 1_000))));
        Assert.Contains("1 messages (3 KiB) wait for the broker already, and the limit is 10000 (4 KiB)", refused.Message, StringComparison.Ordinal);
        await Throws<EnqueueFailedException>(host.PassTimeUntilAsync(first));
    }

    [Fact]
    public async Task Options_must_count_toward_the_bytes_that_may_wait()
    {
        await using var host = await StartAsync(d => d.Options.GatewayMaxPendingBytes = 4_096);
        host.Broker.OnPublish = Hang;
        var first = host.Queue.EnqueueAsync(new Enqueue(new Greet("x")) { Options = Dramatiq.Akka.Messages.MessageOptions.Empty.With("long", new string('x', 3_000)) });
        var refused = await Throws<EnqueueFailedException>(host.Queue.EnqueueAsync(new Greet(new string('y', 1_000))));
        Assert.Contains("1 messages (3 KiB) wait for the broker already", refused.Message, StringComparison.Ordinal);
        await Throws<EnqueueFailedException>(host.PassTimeUntilAsync(first));
    }

    [Fact]
    public async Task Message_that_is_not_confirmed_in_time_must_fail_and_name_the_last_error()
    {
        await using var host = await StartAsync();
        host.Broker.OnPublish = static (_, _) => throw new BrokerConnectionException("connection refused");
        var failed = await Throws<EnqueueFailedException>(host.PassTimeUntilAsync(host.Queue.EnqueueAsync(new Enqueue(new Greet("x")) { MessageId = "m" })));

        Assert.Equal("greet m was not enqueued on greetings: the broker did not confirm it within 30 s (dramatiq.gateway.timeout); the last error was: connection refused.", failed.Message);
        Assert.Equal("m", failed.MessageId);
        Assert.InRange(host.Broker.Calls.Count, 5, 40);   // backs off up to 5 s
        await host.Log.FirstAsync("Publishing of 1 messages failed and is tried again in");
    }

    [Fact]
    public async Task Messages_must_keep_their_order_when_all_calls_under_way_fail()
    {
        await using var host = await StartAsync(d => d.Options.GatewayBatchSize = 2);
        var calls = new List<TaskCompletionSource<PublishOutcome>>();
        host.Broker.OnPublish = (_, _) =>
        {
            var call = new TaskCompletionSource<PublishOutcome>();
            lock (calls)
                calls.Add(call);
            return new(call.Task);
        };
        var sent = Enumerable.Range(0, 20).Select(i => host.Queue.EnqueueAsync(new Greet($"{i}"))).ToArray();
        await EndToEnd.Eventually.AssertAsync(() =>
        {
            lock (calls)
                Assert.Equal(4, calls.Count);
        });
        host.Broker.OnPublish = static (_, _) => ValueTask.FromResult(PublishOutcome.Confirmed);
        // On the test's own context each failure would only be on its way to the gateway when time begins to pass.
        await Task.Run(() =>
        {
            foreach (var call in calls)
                call.SetException(new BrokerConnectionException("lost"));
        });

        await host.PassTimeUntilAsync(Task.WhenAll(sent));
        Assert.Equal(Enumerable.Range(0, 20).Select(static i => $"{i}"), host.Names(fromCall: 4));
    }

    [Fact]
    public async Task Refused_and_transient_failures_in_one_batch_must_go_their_ways_in_order()
    {
        await using var host = await StartAsync(d => d.Options.GatewayMaxBatches = 1);
        var first = new TaskCompletionSource<PublishOutcome>();
        var lost = new BrokerConnectionException("lost");
        var call = 0;
        host.Broker.OnPublish = (batch, _) => ++call switch
        {
            1 => new(first.Task),
            2 => ValueTask.FromResult(PublishOutcome.Failed([lost, new BrokerException("too large"), null, lost])),
            _ => ValueTask.FromResult(PublishOutcome.Confirmed),
        };
        var opening = host.Queue.EnqueueAsync(new Greet("opening"));
        var sent = Enumerable.Range(0, 4).Select(i => host.Queue.EnqueueAsync(new Greet($"{i}"))).ToArray();
        await host.ReachAsync();   // comes after them
        first.SetResult(PublishOutcome.Confirmed);
        await opening;

        Assert.Contains("too large", (await Throws<EnqueueFailedException>(sent[1])).Message, StringComparison.Ordinal);
        await sent[2];
        await host.PassTimeUntilAsync(Task.WhenAll(sent[0], sent[3]));
        Assert.Equal(["0", "3"], host.Names(fromCall: 2));
    }

    [Fact]
    public async Task First_message_must_go_at_once_and_later_ones_gather_while_calls_are_under_way()
    {
        await using var host = await StartAsync(d => d.Options.GatewayMaxBatches = 1);
        var first = new TaskCompletionSource<PublishOutcome>();
        host.Broker.OnPublish = (_, _) => new(first.Task);
        var sent = Enumerable.Range(0, 300).Select(i => host.Queue.EnqueueAsync(new Greet($"{i}"))).ToArray();
        await host.ReachAsync();
        Assert.Single(host.Broker.Calls);
        first.SetResult(PublishOutcome.Confirmed);
        await Task.WhenAll(sent).WaitAsync(EndToEnd.Eventually.Patience);

        Assert.Equal([1, 256, 43], host.Broker.Calls.Select(static call => call.Length));
    }

    [Fact]
    public async Task Call_that_hangs_must_be_given_up_and_let_the_next_go()
    {
        await using var host = await StartAsync(d => d.Options.GatewayMaxBatches = 1);
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var cancelled = new TaskCompletionSource();
        host.Broker.OnPublish = (_, token) =>
        {
            token.Register(cancelled.SetResult);
            entered.SetResult();
            return Hang([], CancellationToken.None);
        };
        var first = host.Queue.EnqueueAsync(new Greet("first"));
        await entered.Task.WaitAsync(EndToEnd.Eventually.Patience);
        Assert.Single(host.Broker.Calls);
        host.Clock.Advance(TimeSpan.FromSeconds(20));
        host.Broker.OnPublish = static (_, _) => ValueTask.FromResult(PublishOutcome.Confirmed);
        var second = host.Queue.EnqueueAsync(new Greet("second"));
        var failed = await Throws<EnqueueFailedException>(host.PassTimeUntilAsync(first));

        Assert.Contains("the broker did not confirm it within 30 s", failed.Message, StringComparison.Ordinal);
        await cancelled.Task.WaitAsync(EndToEnd.Eventually.Patience);
        await second.WaitAsync(EndToEnd.Eventually.Patience);
    }

    [Fact]
    public async Task Young_message_must_not_fail_with_an_old_one_of_its_call()
    {
        await using var host = await StartAsync(d => d.Options.GatewayMaxBatches = 1);
        var calls = 0;
        var second = new TaskCompletionSource<PublishOutcome>();
        host.Broker.OnPublish = (_, _) => ++calls == 1 ? throw new BrokerConnectionException("lost") : new(second.Task);
        var old = host.Queue.EnqueueAsync(new Greet("old"));
        await host.Log.OneAsync("is tried again in");
        // No tick has come yet, so both go out together.
        host.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var fresh = host.Queue.EnqueueAsync(new Greet("fresh"));
        await host.ReachAsync();
        host.Clock.Advance(TimeSpan.FromMilliseconds(200));
        await EndToEnd.Eventually.AssertAsync(() => Assert.Equal([1, 2], host.Broker.Calls.Select(static call => call.Length)));
        var age = TimeSpan.FromMilliseconds(201);
        host.Clock.Advance(TimeSpan.FromSeconds(30) - age);
        await Throws<EnqueueFailedException>(old);
        Assert.False(fresh.IsCompleted);
        second.SetResult(PublishOutcome.Confirmed);
        await fresh.WaitAsync(EndToEnd.Eventually.Patience);
    }
}
