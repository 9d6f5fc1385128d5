using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Tests.EndToEnd;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Tests.Stages;

public sealed class UserMiddlewareSpec
{
    private readonly Feed<string> _seen = new();
    private int _runs;

    [Fact]
    public async Task Stages_must_come_in_order_on_the_way_in_and_reversed_on_the_way_back()
    {
        await using var host = await StartAsync(d => d
            .AddMiddleware(Scripted("last"))
            .AddMiddleware(Scripted("first"), before: "AgeLimit")
            .AddMiddleware(Scripted("middle"), after: "Pipelines")
            .AddMiddleware(Scripted("early"), before: "middle")
            .AddActor("work", () => _seen.Add("run")));
        await host.RunAsync(new ActorCall("work"));

        Assert.Equal(
            [
                "before first", "before early", "before middle", "before last", "run",
                "after Succeeded last", "after Succeeded middle", "after Succeeded early", "after Succeeded first",
            ],
            _seen.All);
        Assert.True(host.Host.Tasks.Declarations.TryGet("work", out var actor));
        Assert.Equal(["first", "TimeLimit", "early", "middle", "Retries", "last"], actor.StageNames);
    }

    [Fact]
    public async Task Stage_must_see_what_retries_made_of_a_failure_according_to_its_place()
    {
        await using var host = await StartAsync(d => d
            .AddMiddleware(Scripted("inner"))
            .AddMiddleware(Scripted("outer"), before: "Retries")
            .AddActor("work", Fail, a => a.MaxRetries(1)));
        await host.RunAsync(new ActorCall("work"), failFast: false);

        Assert.Equal(
            ["after Failed inner", "after Retried outer", "after Failed inner", "after Dead outer"],
            _seen.All.Where(static line => line.StartsWith("after", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Skipped_message_must_be_done_without_having_run()
    {
        await using var host = await StartAsync(d => d
            .AddMiddleware(new ScriptedMiddleware("gate", _seen) { Before = static (stage, context) => stage.SkipIt(context, "closed today") })
            .AddMiddleware(Scripted("outer"), before: "gate")
            .AddMiddleware(Scripted("inner"), after: "gate")
            .AddActor("work", () => _seen.Add("run")));
        var enqueued = await host.CallAsync("work");
        await host.JoinAsync();

        Assert.Equal(["before outer", "before gate", "after Skipped outer"], _seen.All);
        Assert.Empty(host.Broker.DeadLetters());
        var signal = await host.Signals.FirstAsync<Signals.AfterSkipMessage>();
        Assert.Equal((enqueued.MessageId, "closed today"), (signal.Message.MessageId, signal.Reason));
        await host.Log.FirstAsync($"work {enqueued.MessageId} on default was skipped: closed today");
    }

    [Theory]
    [InlineData("AgeLimit")]
    [InlineData("Retries")]
    [InlineData(null)]
    public async Task Message_that_a_stage_fails_must_be_tried_again_wherever_the_stage_is(string? before)
    {
        await using var host = await StartAsync(d => d
            .AddMiddleware(
                new ScriptedMiddleware("gate")
                {
                    Before = static (stage, context) =>
                    {
                        if (context.Attempt == 1)
                            stage.FailIt(context, new TimeoutException("not yet"));
                        else
                            stage.LetPass(context);
                    },
                },
                before)
            .AddActor("work", (MessageContext context) => _seen.Add($"attempt {context.Attempt}")));
        await host.RunAsync(new ActorCall("work"));

        Assert.Equal(["attempt 2"], _seen.All);
        await host.Log.FirstAsync("failed (attempt 1 of 21) and is tried again in 15 s: TimeoutException: not yet");
    }

    [Fact]
    public async Task Stage_must_be_able_to_wait_without_keeping_its_actor()
    {
        var door = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await StartAsync(d => d
            .AddMiddleware(new ScriptedMiddleware("door", _seen) { Before = (stage, context) => stage.WaitFor(door.Task, context) })
            .AddActor("work", () => _seen.Add("run")));
        await host.CallAsync("work");
        await _seen.AtLeastAsync(1);
        var join = host.JoinAsync();
        Assert.False(join.IsCompleted);
        door.SetResult();
        await join;

        Assert.Equal(["before door", "run", "after Succeeded door"], _seen.All);
    }

    [Fact]
    public async Task Stage_must_be_able_to_change_the_message()
    {
        await using var host = await StartAsync(d => d
            .AddMiddleware(new ScriptedMiddleware("rewrite")
            {
                Before = static (stage, context) =>
                {
                    ScriptedStage.Change(context, context.Message.With(args: "[\"changed\"]"u8.ToArray()));
                    stage.LetPass(context);
                },
            })
            .AddActor("work", (string text) => _seen.Add(text)));
        await host.RunAsync(new ActorCall("work", "sent"));

        Assert.Equal(["changed"], _seen.All);
    }

    [Theory]
    [InlineData("AgeLimit", true)]
    [InlineData("AgeLimit", false)]
    [InlineData(null, true)]
    [InlineData(null, false)]
    public async Task Stage_that_throws_must_fail_the_message_and_be_built_anew(string? before, bool onTheWayIn)
    {
        await using var host = await StartAsync(d => d
            .AddMiddleware(
                new ScriptedMiddleware("faulty")
                {
                    Before = (stage, context) => Throw(onTheWayIn && context.Attempt == 1, () => stage.LetPass(context)),
                    After = (stage, context, outcome) => Throw(!onTheWayIn && context.Attempt == 1, () => stage.LetPass(context, outcome)),
                },
                before)
            .AddActor("work", (MessageContext context) => _seen.Add($"attempt {context.Attempt}")));
        await host.RunAsync(new ActorCall("work"));

        Assert.Equal(onTheWayIn ? ["attempt 2"] : ["attempt 1", "attempt 2"], _seen.All);
        await host.Log.FirstAsync("StageFailedException: A stage of 'work' failed: FormatException: faulty stage");
    }

    [Fact]
    public async Task Stage_that_fails_after_retries_has_decided_must_not_undo_the_decision()
    {
        await using var host = await StartAsync(d => d
            .AddMiddleware(new ScriptedMiddleware("faulty") { After = (stage, context, outcome) => Throw(outcome is Outcome.Retried, () => stage.LetPass(context, outcome)) }, before: "Callbacks")
            .AddActor("work", (MessageContext context) =>
            {
                _seen.Add($"attempt {context.Attempt} delivery {context.DeliveryCount}");
                if (context.Attempt == 1)
                    throw new InvalidOperationException("boom");
            }));
        await host.RunAsync(new ActorCall("work"));

        Assert.Equal(["attempt 1 delivery 1", "attempt 2 delivery 1"], _seen.All);
        await host.Log.FirstAsync("a stage failed after Retries had decided, which stands");
    }

    [Fact]
    public async Task What_cannot_be_published_after_the_retry_is_must_not_return_the_message_besides()
    {
        await using var host = await StartAsync(d => d
            .AddMiddleware(
                new ScriptedMiddleware("faulty") { After = static (stage, context, outcome) => stage.LetPass(context, outcome is Outcome.Retried ? new Outcome.Returned("its queue is full") : outcome) }, before: "Callbacks")
            .AddActor("work", (MessageContext context) =>
            {
                _seen.Add($"attempt {context.Attempt} delivery {context.DeliveryCount}");
                if (context.Attempt == 1)
                    throw new InvalidOperationException("boom");
            }));
        await host.RunAsync(new ActorCall("work"));

        Assert.Equal(["attempt 1 delivery 1", "attempt 2 delivery 1"], _seen.All);
        await host.Log.FirstAsync("its retry is published, and what else follows from its failure is given up: its queue is full");
    }

    [Fact]
    public async Task Stage_that_cannot_be_built_must_fail_the_message_and_not_lose_it()
    {
        await using var host = await StartAsync(d => d
            .AddMiddleware(new Unbuildable())
            .AddActor("work", () => _seen.Add("run"), a => a.MaxRetries(1)));
        await host.RunAsync(new ActorCall("work"), failFast: false);

        Assert.Empty(_seen.All);
        Assert.Equal("StageFailedException", host.DeadNote().GetProperty("type").GetString());
        Assert.Equal(2, host.DeadNote().GetProperty("attempt").GetInt32());
    }

    [Fact]
    public async Task Stage_with_nothing_to_do_for_an_actor_must_be_left_out_until_a_message_calls_for_it()
    {
        await using var host = await StartAsync(d => d
            .AddMiddleware(new ScriptedMiddleware("tenants", _seen) { Owned = [ActorOption.Count("tenant")], Always = false })
            .AddActor("work", () => _seen.Add("run")));
        await host.RunAsync(new ActorCall("work"));
        Assert.Equal(["run"], _seen.All);
        await host.RunAsync(new ActorCall("work"), """{"tenant":3}""");

        Assert.Equal(["run", "before tenants", "run", "after Succeeded tenants"], _seen.All);
    }

    private static void Throw(bool now, Action otherwise)
    {
        if (now)
            throw new FormatException("faulty stage");
        otherwise();
    }

    private ScriptedMiddleware Scripted(string name) => new(name, _seen);

    private void Fail() => throw new InvalidOperationException($"run {++_runs}");

    private static Task<VirtualHost> StartAsync(Action<DramatiqBuilder> configure) => VirtualHost.StartAsync(configure);

    private sealed class Unbuildable : Middleware
    {
        public override Props ProcessingStage => Props.Create(() => new Broken());

        private sealed class Broken : Stage
        {
            public Broken() => throw new FormatException("cannot be built");
        }
    }
}
