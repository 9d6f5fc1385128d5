using Dramatiq.Akka.Messages;
using Dramatiq.Akka.RateLimits;
using Dramatiq.Akka.Tests.Composition;
using Dramatiq.Akka.Tests.EndToEnd;
using static Dramatiq.Akka.Tests.Composition.CompositionHost;

namespace Dramatiq.Akka.Tests.Stages.GroupCallbacks;

/// <summary>Whatever is delivered twice counts once, whichever moment its process was killed in. What a redelivery does is done here by enqueueing the same message again.</summary>
public sealed class RedeliverySpec
{
    private static readonly TimeSpan Ttl = TimeSpan.FromDays(1);

    [Fact]
    public async Task Member_that_runs_twice_must_count_once()
    {
        await using var host = await StartAsync();
        await host.Queue.RunAsync(Group.Of(Twice(1), Group.Of(new Enqueue(Twice(2)) { Delay = TimeSpan.FromHours(1) })).AddCompletionCallback(Say("done")).AddEndCallback(Say("ended")));
        var first = (await host.Taken.AtLeastAsync(1))[0];

        await host.Queue.EnqueueAsync(first);
        await host.Queue.EnqueueAsync(first);
        await host.Taken.AtLeastAsync(3);
        await SettledAsync(host);
        Assert.Empty(host.Seen.All);

        await host.Virtual.JoinAsync();
        Assert.Equal(["\"done\"", "\"ended\""], host.Seen.All.Order());
    }

    [Fact]
    public async Task Last_member_must_not_fire_again_after_its_callbacks_are_marked_as_published()
    {
        await using var host = await StartAsync();
        await host.RunAsync(Group.Of(Twice(1)).AddCompletionCallback(Say("done")).AddEndCallback(Say("ended")));
        var callbacks = host.Taken.All.Count;

        await host.Queue.EnqueueAsync(host.Taken.All[0]);
        await host.Virtual.JoinAsync();
        Assert.Equal(["\"done\"", "\"ended\""], host.Seen.All.Order());
        Assert.Equal(callbacks + 1, host.Taken.All.Count);
    }

    [Fact]
    public async Task Member_killed_between_its_arrival_and_the_callback_must_fire_when_it_is_redelivered()
    {
        await using var host = await StartAsync();
        var last = new Enqueue(Twice(2)) { Delay = TimeSpan.FromHours(1), MessageId = "last" };
        await host.Queue.RunAsync(Group.Of(Twice(1), last).AddCompletionCallback(Say("done")));
        await Eventually.AssertAsync(() => Assert.Equal(1, host.Results.Count));
        await SettledAsync(host);
        Assert.True(host.Taken.All[0].Options.TryGetString(OptionNames.GroupCompletionUuid, out var group));
        Assert.Equal(BarrierArrival.IsLast, await host.Counters.ArriveAsync(group, "last", Ttl, default));

        await host.Virtual.JoinAsync();
        Assert.Equal(["\"done\""], host.Seen.All);
    }

    [Fact]
    public async Task Member_killed_between_the_callback_and_its_mark_must_not_let_the_callback_run_twice()
    {
        await using var host = await StartAsync();
        await host.RunAsync(Group.Of(Twice(1)).AddCompletionCallback(Say("done")));
        Assert.True(host.Taken.All[0].Options.TryGetString(OptionNames.GroupCompletionUuid, out var group));
        Assert.True(await host.Counters.DecrementAsync(group + "@fired", 1, 0, Ttl, default));   // the mark was never set

        await host.Queue.EnqueueAsync(host.Taken.All[0]);
        await host.Virtual.JoinAsync();
        Assert.Equal(4, host.Taken.All.Count);   // the member and the callback, each twice
        Assert.Equal(["\"done\""], host.Seen.All);
    }

    [Fact]
    public async Task Callback_published_twice_must_run_once_and_again_where_it_is_redelivered()
    {
        await using var host = await StartAsync();
        var callback = new Enqueue(Say("done")) { MessageId = "callback" };
        foreach (var token in new[] { "first", "second", "first", "third" })
        {
            await host.Queue.EnqueueAsync(callback with { Options = MessageOptions.Empty.With(OptionNames.GroupFiring, token) });
            await host.Virtual.JoinAsync();
        }

        Assert.Equal(["\"done\"", "\"done\""], host.Seen.All);
        await host.Virtual.Signals.AtLeastAsync<Akka.Stages.Signals.AfterSkipMessage>(2);
    }

    [Fact]
    public async Task Publication_that_is_skipped_must_neither_count_nor_leave_a_result()
    {
        await using var host = await StartAsync();
        foreach (var token in new[] { "first", "second" })
            await host.Queue.EnqueueAsync(new Enqueue(Twice(4)) { MessageId = "callback", Options = MessageOptions.Empty.With(OptionNames.GroupFiring, token) });
        await host.Virtual.JoinAsync();

        Assert.Equal("8", (await host.Virtual.Host.Tasks.Results.WaitAsync(new Akka.Results.ResultKey("default", "twice", "callback"))).Json.ToString());
    }

    [Fact]
    public async Task First_member_of_a_group_in_a_pipeline_must_enqueue_the_others_once()
    {
        await using var host = await StartAsync();
        await host.RunAsync(Twice(1) | Group.Of(Twice(), Say("member")));
        var first = host.Taken.All.Single(static message => message.Options.Contains(OptionNames.GroupMembers));

        await host.Queue.EnqueueAsync(first);
        await host.Virtual.JoinAsync();
        Assert.Equal(["\"member\" 2"], host.Seen.All);
        Assert.Equal(4, host.Taken.All.Count);
    }

    [Fact]
    public async Task Failure_must_be_told_once_though_the_message_fails_again()
    {
        await using var host = await StartAsync();
        await host.RunAsync(Group.Of(Fail("boom"), Fail("bang")).AddFailureCallback(Say("failed")), failFast: false);
        foreach (var letter in host.Virtual.Broker.DeadLetters())
            await host.Queue.EnqueueAsync(Message.Decode(letter.Body));
        await host.Virtual.JoinAsync(failFast: false);

        Assert.Equal(4, host.Virtual.Broker.DeadLetters().Count);
        Assert.Equal(["\"failed\""], host.Seen.All);
    }

    [Fact]
    public async Task Member_whose_barrier_is_gone_must_fire_nothing_and_say_so()
    {
        await using var host = await StartAsync(hocon: "dramatiq.middleware.group-callbacks.barrier-ttl = 1h");
        await host.RunAsync(Group.Of(new Enqueue(Twice(1)) { Delay = TimeSpan.FromHours(2) }).AddCompletionCallback(Say("done")));

        Assert.Empty(host.Seen.All);
        await host.Virtual.Log.FirstAsync("whose barrier is gone");
    }

    private static Task SettledAsync(CompositionHost host) => Eventually.AssertAsync(async () => Assert.Equal(0, (await host.Virtual.Host.ConsumerAsync()).InFlight));
}
