using Dramatiq.Akka.Messages;
using static Dramatiq.Akka.Tests.Composition.CompositionHost;

namespace Dramatiq.Akka.Tests.Composition;

public sealed class GroupSpec
{
    [Fact]
    public async Task Results_must_come_in_the_order_of_the_group()
    {
        await using var host = await StartAsync();
        var run = await host.RunAsync(Group.Of(new Enqueue(Twice(1)) { Delay = TimeSpan.FromSeconds(9) }, Twice(2), Pipeline.Of(Twice(3)) | Twice(), Group.Of(Twice(4), Twice(5))));

        Assert.Equal(["2", "4", "12", "[8,10]"], (await run.GetResultsAsync<JsonText>().ToListAsync()).Select(static result => result.ToString()));
        Assert.Equal(4, await run.CompletedCountAsync());
        await run.WaitAsync();
    }

    [Fact]
    public async Task Results_must_come_as_members_end_with_failures_among_them()
    {
        await using var host = await StartAsync();
        var run = await host.Queue.RunAsync(Group.Of(new Enqueue(Twice(1)) { Delay = TimeSpan.FromSeconds(9) }, Fail("boom"), new Enqueue(Twice(3)) { Delay = TimeSpan.FromSeconds(5) }));
        await using var reading = run.GetResultsAsEndedAsync<long>().GetAsyncEnumerator();
        foreach (var (index, value, failure, later) in new[] { (1, 0L, "boom", 5), (2, 6, null, 4), (0, 2, null, 0) })
        {
            Assert.True(await reading.MoveNextAsync());
            Assert.Equal((index, value, failure), (reading.Current.Index, reading.Current.Value, reading.Current.Failure?.ErrorMessage));
            host.Virtual.Clock.Advance(TimeSpan.FromSeconds(later));
        }

        Assert.False(await reading.MoveNextAsync());
        await host.Virtual.JoinAsync(failFast: false);
        Assert.Equal(3, await run.CompletedCountAsync());
        await run.WaitAsync();
        await Assert.ThrowsAsync<ResultFailureException>(async () => await run.GetResultsAsync<long>().ToListAsync());
    }

    [Fact]
    public async Task Waiting_must_end_with_its_time()
    {
        await using var host = await StartAsync();
        var run = await host.Queue.RunAsync(Group.Of(Twice(1), new Enqueue(Twice(2)) { Delay = TimeSpan.FromHours(1) }));
        var waiting = run.WaitAsync(TimeSpan.FromMinutes(1));
        await EndToEnd.Eventually.AssertAsync(async () => Assert.Equal(1, await run.CompletedCountAsync()));
        await EndToEnd.Eventually.AssertAsync(() =>
        {
            host.Virtual.Clock.Advance(TimeSpan.FromSeconds(30));
            Assert.True(waiting.IsCompleted);
        });

        await Assert.ThrowsAsync<ResultTimeoutException>(() => waiting);
    }

    [Fact]
    public async Task Completion_callbacks_must_come_once_when_all_have_succeeded()
    {
        var fails = 1;
        await using var flaky = await StartAsync(d => d.AddActor("flaky", () => fails-- > 0 ? throw new InvalidOperationException("not yet") : 1));
        await flaky.RunAsync(
            Group.Of(Twice(1), new ActorCall("flaky"), Twice(2) | Twice()).AddCompletionCallback(Say("one")).AddCompletionCallback(new Enqueue(Say("two")) { Delay = TimeSpan.FromSeconds(3) }), failFast: false);

        Assert.Equal(["\"one\"", "\"two\""], flaky.Seen.All);
    }

    [Fact]
    public async Task Completion_must_not_be_told_when_a_member_is_given_up_until_it_succeeds_after_all()
    {
        var isMended = false;
        await using var host = await StartAsync(d => d.AddActor("broken", () => isMended ? 1 : throw new InvalidOperationException("boom"), static a => a.MaxRetries(0)));
        await host.RunAsync(Group.Of(Twice(1), new ActorCall("broken")).AddCompletionCallback(Say("done")), failFast: false);
        Assert.Empty(host.Seen.All);

        isMended = true;
        await host.Queue.EnqueueAsync(Message.Decode(Assert.Single(host.Virtual.Broker.DeadLetters()).Body));
        await host.Virtual.JoinAsync(failFast: false);
        Assert.Equal(["\"done\""], host.Seen.All);
    }

    [Fact]
    public async Task Failure_must_be_told_once_however_many_members_fail()
    {
        await using var host = await StartAsync();
        await host.RunAsync(
            Group.Of(Fail("a"), Fail("b"), Twice(1) | new ActorCall("fail") | Twice(), Twice(2), Group.Of(Fail("c"))).AddFailureCallback(Say("failed")).AddCompletionCallback(Say("wrong")), failFast: false);

        Assert.Equal(["\"failed\""], host.Seen.All);
    }

    [Fact]
    public async Task End_must_be_told_once_whether_members_succeed_fail_or_are_skipped()
    {
        await using var host = await StartAsync();
        await host.RunAsync(
            Group.Of(Twice(1), Fail("a"), new ActorCall("skip"), new ActorCall("skip") | Twice(), Twice(1) | Fail("b") | Group.Of(Twice(2), Twice(3), Twice(4)), Group.Of(Twice(5), Fail("c")))
                .AddEndCallback(Say("ended")).AddCompletionCallback(Say("wrong")), failFast: false);

        Assert.Equal(["\"ended\""], host.Seen.All);
    }

    [Fact]
    public async Task Member_that_nobody_can_run_must_count_as_failed()
    {
        await using var host = await StartAsync();
        var stranger = new ActorCall("stranger") { Queue = "default" };
        await host.RunAsync(Group.Of(Twice(1), stranger).AddFailureCallback(Say("failed")).AddEndCallback(Say("ended")), failFast: false);

        Assert.Equal(["\"ended\"", "\"failed\""], host.Seen.All.Order());
    }

    [Fact]
    public async Task Group_with_callbacks_in_a_group_must_tell_both()
    {
        await using var host = await StartAsync();
        var inner = Group.Of(Twice(1), Twice(2)).AddCompletionCallback(Say("inner"));
        await host.RunAsync(Group.Of(inner, Twice(3)).AddCompletionCallback(Say("outer")));

        Assert.Equal(["\"inner\"", "\"outer\""], host.Seen.All.Order());
    }

    [Fact]
    public async Task Group_that_runs_twice_must_tell_of_each()
    {
        await using var host = await StartAsync();
        var group = Group.Of(Twice(1), Twice(2)).AddCompletionCallback(Say("done"));
        await host.RunAsync(group);
        await host.RunAsync(group);

        // Each run has messages of its own.
        Assert.Equal(["\"done\"", "\"done\""], host.Seen.All);
    }

    [Fact]
    public async Task Members_must_wait_for_the_delay_of_the_group_or_a_longer_one_of_their_own()
    {
        await using var host = await StartAsync();
        var start = host.Virtual.Clock.GetUtcNow();
        await host.RunAsync(Group.Of(Twice(1), new Enqueue(Twice(2)) { Delay = TimeSpan.FromSeconds(7) }).WithDelay(TimeSpan.FromSeconds(20)).AddCompletionCallback(Say("done")));

        Assert.Equal(start.AddSeconds(20), host.Virtual.Clock.GetUtcNow());
        Assert.Equal(["\"done\""], host.Seen.All);
    }

    [Fact]
    public async Task Waiting_must_go_on_until_the_members_of_members_have_ended()
    {
        await using var host = await StartAsync();
        var run = await host.Queue.RunAsync(Group.Of(Twice(1), Group.Of(Fail("boom"), new Enqueue(Twice(2)) { Delay = TimeSpan.FromMinutes(1) })));
        var waiting = run.WaitAsync(Timeout.InfiniteTimeSpan);
        await EndToEnd.Eventually.AssertAsync(() => Assert.Equal(2, host.Results.Count));
        Assert.Equal((false, 1), (waiting.IsCompleted, await run.CompletedCountAsync()));

        await host.Virtual.JoinAsync(failFast: false);
        await waiting.WaitAsync(EndToEnd.Eventually.Patience);
        Assert.Equal(2, await run.CompletedCountAsync());
    }

    [Fact]
    public async Task Messages_with_the_same_id_must_be_refused()
    {
        await using var host = await StartAsync();
        static Enqueue Same(ActorCall call) => new(call) { MessageId = "same" };
        foreach (var group in new[] { Group.Of(Same(Twice(1)), Same(Twice(2))), Group.Of(Same(Twice(1)), Twice(2) | Pipeline.Of(Same(Twice()))) })
        {
            var error = await Assert.ThrowsAsync<ArgumentException>(() => host.Queue.RunAsync(group.AddCompletionCallback(Say("done"))));
            Assert.Equal("Two messages of the pipeline or group have the id 'same' (the second is for 'twice'), and would count as one. Give each an id of its own, or none.", error.Message);
        }

        Assert.Empty(host.Taken.All);
    }
}
