using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.RateLimits;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Tests.Composition;
using Dramatiq.Akka.Tests.EndToEnd;
using Dramatiq.Akka.Tests.RateLimits;
using static Dramatiq.Akka.Tests.Composition.CompositionHost;

namespace Dramatiq.Akka.Tests.Stages.GroupCallbacks;

/// <summary>A group that cannot be told of a member's end, for now or ever.</summary>
public sealed class RefusalSpec
{
    [Fact]
    public async Task Dead_letter_whose_callback_is_refused_must_stay_one()
    {
        await using var host = await StartAsync(static d => d.AddMiddleware(new Refusing("refused")));
        await host.RunAsync(Group.Of(Fail("boom")).AddFailureCallback(Say("refused")).AddEndCallback(Say("ended")), failFast: false);

        Assert.Equal("boom", host.Virtual.DeadNote().GetProperty("reason").GetString()!.Split(": ")[^1]);
        Assert.Equal(1, host.Taken.All.Count(static message => message.ActorName == "fail"));
        Assert.Equal(["\"ended\""], host.Seen.All);   // what is not refused comes all the same
        await host.Virtual.Log.FirstAsync("is a dead letter, and its group cannot be told of it: ");
    }

    [Fact]
    public async Task Dead_letter_that_no_worker_has_seen_must_stay_one_where_its_callback_is_refused()
    {
        await using var host = await StartAsync(static d => d.AddMiddleware(new Refusing("refused")));
        await host.RunAsync(Group.Of(new ActorCall("stranger") { Queue = "default" }).AddFailureCallback(Say("refused")), failFast: false);

        Assert.StartsWith("no actor 'stranger' is declared to run here", host.Virtual.DeadNote().GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Member_that_succeeded_must_be_buried_at_once_where_its_callback_is_refused_and_keep_its_result()
    {
        await using var host = await StartAsync(static d => d.AddMiddleware(new Refusing("refused")));
        var run = await host.RunAsync(Group.Of(Twice(4)).AddCompletionCallback(Say("refused")), failFast: false);

        Assert.Single(host.Taken.All);
        Assert.StartsWith("its group cannot be told of its end: say ", host.Virtual.DeadNote().GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal([8], await run.GetResultsAsync<long>().ToListAsync());
    }

    [Fact]
    public async Task Member_must_be_buried_at_once_where_the_store_refuses_to_count_it()
    {
        await using var host = await StartAsync(store: static counters => new CuttableBackend(counters) { Error = static _ => new BrokerException("NOPERM") });
        await host.RunAsync(Group.Of(Twice(1), Fail("boom")).AddCompletionCallback(Say("done")).AddFailureCallback(Say("failed")), failFast: false);

        Assert.Equal(2, host.Taken.All.Count);
        Assert.Equal(2, host.Virtual.Broker.DeadLetters().Count);
        Assert.Empty(host.Seen.All);
    }

    [Fact]
    public async Task Failure_must_be_told_by_another_member_where_the_first_could_not_tell_and_then_succeeded()
    {
        var (isCut, runs) = (true, 0);
        CuttableBackend? store = null;
        await using var host = await StartAsync(
            d => d.AddActor("flaky", () => Interlocked.Increment(ref runs) > 1 ? 1 : throw new InvalidOperationException("boom"), static a => a.MaxRetries(0)),
            "dramatiq.middleware.group-callbacks.timeout = 1s",
            store: counters => store = new CuttableBackend(counters) { Error = key => isCut && key.EndsWith("@fired", StringComparison.Ordinal) ? new BrokerConnectionException("away") : null });
        await host.Queue.RunAsync(Group.Of(new ActorCall("flaky"), new Enqueue(Fail("second")) { Delay = TimeSpan.FromHours(1) }).AddFailureCallback(Say("failed")));
        await Eventually.AssertAsync(() =>
        {
            host.Virtual.Clock.Advance(TimeSpan.FromMilliseconds(500));
            Assert.True(host.Taken.All.Count > 1);   // it went back to its queue
        });

        isCut = false;
        await host.Virtual.JoinAsync(failFast: false);
        Assert.Equal(["\"failed\""], host.Seen.All);
    }

    [Fact]
    public async Task Member_whose_end_cannot_be_counted_any_more_must_say_so()
    {
        await using var host = await StartAsync(hocon: "dramatiq.middleware.group-callbacks.barrier-ttl = 1h");
        await host.RunAsync(Group.Of(new Enqueue(Twice(1)) { Delay = TimeSpan.FromHours(2) }).AddEndCallback(Say("ended")));

        Assert.Empty(host.Seen.All);
        await host.Virtual.Log.FirstAsync("whose barrier is gone");
    }

    /// <summary>Refuses what is said to <c>say</c>.</summary>
    private sealed class Refusing(string text) : Middleware
    {
        public override Props EnqueueStage => Props.Create(() => new RefusingStage(text));
    }

    private sealed class RefusingStage(string text) : EnqueueStage
    {
        protected override void Before(EnqueueContext context)
        {
            if (context.Message.ActorName == "say" && System.Text.Encoding.UTF8.GetString(context.Message.Args.Span).Contains(text, StringComparison.Ordinal))
                Reject(context, "it is not wanted");
            else
                Pass(context);
        }
    }
}
