using Dramatiq.Akka.Messages;
using static Dramatiq.Akka.Tests.Composition.CompositionHost;

namespace Dramatiq.Akka.Tests.Composition;

public sealed class PipelineSpec
{
    public sealed record Plus(long X, long Y = 0);

    public sealed record Join(string Start, params string[] Rest);

    public sealed record Tick;

    [Fact]
    public async Task Each_step_must_get_the_result_of_the_one_before()
    {
        await using var host = await StartAsync();
        var run = await host.RunAsync(Add(1, 2) | Add(10) | Twice() | Say("got"));

        Assert.Equal(["\"got\" 26"], host.Seen.All);
        Assert.Equal(26, await run.GetStepResultAsync<int>(2));
        Assert.Equal(3, await run.CompletedCountAsync());
    }

    [Fact]
    public async Task Result_of_the_whole_must_be_that_of_the_last_step()
    {
        await using var host = await StartAsync();
        var run = await host.RunAsync(Pipeline.Of(Add(1, 2)) | Twice() | Twice());

        Assert.Equal(12, await run.GetResultAsync<int>());
        Assert.Equal([3L, 6, 12], await run.GetResultsAsync<long>().ToListAsync());
        Assert.True(await run.HasEndedAsync());
        Assert.Equal(3, await run.CompletedCountAsync());
    }

    [Fact]
    public async Task Task_in_a_row_must_leave_its_last_argument_to_the_result()
    {
        await using var host = await StartAsync(d => d.AddActor<Adder>(a => a.Handles<Plus>(o => o.StoreResults())));
        var run = await host.RunAsync(Pipeline.Of(new Plus(1, 2)) | new Plus(10) | new Plus(100));

        Assert.Equal(113, await run.GetResultAsync<long>());
    }

    [Fact]
    public async Task Task_whose_last_argument_is_given_must_not_be_piped_to()
    {
        await using var host = await StartAsync(d => d.AddActor<Adder>(a => a.Handles<Plus>()).AddTask<Tick>());
        var given = await Assert.ThrowsAsync<EnqueueFailedException>(() => host.Queue.RunAsync(Add(1, 2) | new Plus(3, 4)));
        var none = await Assert.ThrowsAsync<EnqueueFailedException>(() => host.Queue.RunAsync(Add(1, 2) | new Tick()));

        Assert.Equal(
            "'plus' follows another step, whose result is its last argument 'y', and was given 4 there. Leave it at its default (0), or give the step the option pipe_ignore.", given.Message);
        Assert.Equal("'tick' takes no argument, so it cannot take the result of the step before it. Give its step the option pipe_ignore, or the task a parameter.", none.Message);
    }

    [Fact]
    public async Task Step_that_ignores_the_result_must_keep_all_its_arguments()
    {
        await using var host = await StartAsync(d => d
            .AddActor<Adder>(a => a.Handles<Plus>(o => o.StoreResults()))
            .AddActor("quiet", static () => 5, static a => a.PipeIgnore()));
        var ignoring = MessageOptions.Empty.With(OptionNames.PipeIgnore, true);
        var byStep = await host.RunAsync(Add(1, 2) | new Enqueue(new Plus(3, 4)) { Options = ignoring });
        var byActor = await host.RunAsync(new ActorCall("quiet") | new Plus(5, 6));

        Assert.Equal((7, 11), (await byStep.GetResultAsync<int>(), await byActor.GetResultAsync<int>()));
    }

    [Fact]
    public async Task Rest_of_the_arguments_must_take_the_result_too()
    {
        await using var host = await StartAsync(d => d.AddActor<Joiner>(a => a.Handles<Join>(o => o.StoreResults())));
        var run = await host.RunAsync(Pipeline.Of(new Join("a", "b")) | new Join("c", "d"));

        Assert.Equal("c,d,a,b", await run.GetResultAsync<string>());
    }

    [Fact]
    public async Task Steps_must_wait_for_their_delays_and_the_first_for_the_longer_of_two()
    {
        await using var host = await StartAsync();
        var start = host.Virtual.Clock.GetUtcNow();
        var pipeline = (new Enqueue(Add(1, 2)) { Delay = TimeSpan.FromSeconds(5) } | new Enqueue(Twice()) { Delay = TimeSpan.FromSeconds(60) } | Say()).WithDelay(TimeSpan.FromSeconds(30));
        await host.RunAsync(pipeline);

        Assert.Equal(["6"], host.Seen.All);
        Assert.Equal(start.AddSeconds(90), host.Virtual.Clock.GetUtcNow());
    }

    [Fact]
    public async Task Pipelines_must_join_in_any_order()
    {
        await using var host = await StartAsync();
        var tail = Pipeline.Of(Twice(), Twice());
        foreach (var pipeline in new[] { Add(1, 2) | tail, Pipeline.Of(Add(1, 2)) | tail, (object)Add(1, 2) | tail, Pipeline.Of(Pipeline.Of(Add(1, 2)), tail) })
            Assert.Equal(12, await (await host.RunAsync(pipeline)).GetResultAsync<int>());
    }

    [Fact]
    public async Task Options_of_each_step_must_be_its_own()
    {
        await using var host = await StartAsync(d => d.AddActor("plain", static (long x) => x));
        var run = await host.RunAsync(
            new ActorCall("plain", 1) | new Enqueue(new ActorCall("plain")) { Options = MessageOptions.Empty.With(OptionNames.StoreResults, true) } | new ActorCall("plain"));

        Assert.Equal(1, host.Results.Count);
        Assert.Equal(1, await run.GetStepResultAsync<int>(1));
        Assert.Equal(0, await run.CompletedCountAsync());   // a step that stores nothing hides the others
    }

    [Fact]
    public async Task Results_must_be_stored_when_the_pipeline_says_so()
    {
        await using var host = await StartAsync(d => d.AddActor("plain", static (long x) => x));
        var run = await host.RunAsync((new ActorCall("plain", 1) | new ActorCall("plain")).StoreResults(TimeSpan.FromMinutes(1)));
        Assert.Equal(1, await run.GetResultAsync<int>());

        host.Virtual.Clock.Advance(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<ResultMissingException>(() => run.GetResultAsync<int>(TimeSpan.Zero));
    }

    [Fact]
    public async Task Failure_of_a_step_must_be_told_to_whoever_waits_for_the_end()
    {
        await using var host = await StartAsync();
        var run = await host.Queue.RunAsync(Add(1, 2) | Fail("boom") | Twice());
        var waiting = run.GetResultAsync<int>();
        await host.Virtual.JoinAsync(failFast: false);

        var error = await Assert.ThrowsAsync<ResultFailureException>(() => waiting);
        Assert.Equal(("fail", "ArgumentBindingException"), (error.Key.ActorName, error.ErrorType));
        Assert.Equal(1, await run.CompletedCountAsync());
        Assert.True(await run.HasEndedAsync());
    }

    [Fact]
    public async Task Failure_callback_must_come_once_whichever_step_fails()
    {
        GroupFailure? told = null;
        await using var host = await StartAsync(d => d.AddActor("broken", (Akka.Stages.MessageContext context) =>
        {
            told = GroupFailure.Of(context.Message);
            return 1;
        }));
        await host.RunAsync((Add(1, 2) | Twice() | new ActorCall("fail") | Twice()).AddFailureCallback(new ActorCall("broken")).AddFailureCallback(Say("failed")), failFast: false);
        await host.RunAsync((Add(1, 2) | Twice()).AddFailureCallback(Say("wrong")), failFast: false);

        Assert.Equal(["\"failed\""], host.Seen.All);
        Assert.Equal(("fail", "InvalidOperationException", "6"), (told?.ActorName, told?.Type, told?.Message));
    }

    [Fact]
    public async Task Bad_parts_must_be_refused_with_the_reason()
    {
        await using var host = await StartAsync();
        Assert.Equal("A pipeline needs at least one step. (Parameter 'parts')", Assert.Throws<ArgumentException>(() => Pipeline.Of()).Message);
        Assert.Equal(
            "Part 2 is null. Each part is a task, an ActorCall, an Enqueue, a Message, a Pipeline or a Group. (Parameter 'parts')",
            Assert.Throws<ArgumentException>(() => Pipeline.Of(Twice(1), null!)).Message);
        Assert.StartsWith("A callback is one message, and was given a Pipeline.", Assert.Throws<ArgumentException>(() => Pipeline.Of(Twice(1)).AddFailureCallback(Pipeline.Of(Twice(1)))).Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "A task in a pipeline or group was given At.",
            (await Assert.ThrowsAsync<EnqueueFailedException>(() => host.Queue.RunAsync(Twice(1) | new Enqueue(Twice()) { At = default(DateTimeOffset) }))).Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "An Enqueue holds a Pipeline.",
            (await Assert.ThrowsAsync<EnqueueFailedException>(() => host.Queue.RunAsync(Twice(1) | new Enqueue(Pipeline.Of(Twice()))))).Message, StringComparison.Ordinal);
    }

    public sealed class Adder : TaskActor
    {
        public Adder() => Receive<Plus, long>(static plus => plus.X + plus.Y);
    }

    public sealed class Joiner : TaskActor
    {
        public Joiner() => Receive<Join, string>(static join => string.Join(',', [join.Start, .. join.Rest]));
    }

    [Fact]
    public async Task Failure_must_be_told_to_whoever_does_not_wait()
    {
        await using var host = await StartAsync();
        var failed = await host.RunAsync(Add(1, 2) | Fail("boom") | Twice(), failFast: false);
        Assert.Equal("fail", (await Assert.ThrowsAsync<ResultFailureException>(() => failed.GetResultAsync<int>(TimeSpan.Zero))).Key.ActorName);

        var late = await host.Queue.RunAsync(Pipeline.Of(Group.Of(new Enqueue(Twice(1)) { Delay = TimeSpan.FromHours(1) }, Fail("bang"))));
        await EndToEnd.Eventually.AssertAsync(async () =>
            Assert.Equal("bang", (await Assert.ThrowsAsync<ResultFailureException>(() => late.GetResultAsync<List<int>>(TimeSpan.Zero))).ErrorMessage));
    }

    [Fact]
    public async Task What_is_missing_must_be_named_to_whoever_does_not_wait()
    {
        await using var host = await StartAsync();
        var run = await host.Queue.RunAsync(Pipeline.Of(Group.Of(Twice(1), new Enqueue(Add(1, 2)) { Delay = TimeSpan.FromHours(1) })));
        await EndToEnd.Eventually.AssertAsync(async () =>
            Assert.Equal("add", (await Assert.ThrowsAsync<ResultMissingException>(() => run.GetResultAsync<List<int>>(TimeSpan.Zero))).Key.ActorName));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public async Task Step_that_there_is_not_must_be_refused(int step)
    {
        await using var host = await StartAsync();
        var run = await host.RunAsync(Add(1, 2) | Twice());

        var error = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => run.GetStepResultAsync<int>(step));
        Assert.StartsWith("The pipeline has 2 steps: give one of 0 to 1.", error.Message, StringComparison.Ordinal);
        Assert.Equal(step, error.ActualValue);
    }

    [Fact]
    public async Task Actor_at_the_end_of_a_pipeline_in_a_pipeline_must_be_able_to_keep_its_result_to_itself()
    {
        await using var host = await StartAsync(d => d
            .AddActor<Adder>(a => a.Handles<Plus>(o => o.StoreResults()))
            .AddActor("quiet", static (long x) => x, static a => a.PipeIgnore()));
        var run = await host.RunAsync(Pipeline.Of(Add(1, 2), Pipeline.Of(Twice(), Pipeline.Of(new ActorCall("quiet"))), new Plus(5, 6)));

        Assert.Equal(11, await run.GetResultAsync<int>());
    }
}
