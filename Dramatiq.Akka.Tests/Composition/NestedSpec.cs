using Dramatiq.Akka.Messages;
using static Dramatiq.Akka.Tests.Composition.CompositionHost;

namespace Dramatiq.Akka.Tests.Composition;

/// <summary>Groups in pipelines, pipelines in groups, groups in groups.</summary>
public sealed class NestedSpec
{
    private static ActorCall Sum => new("sum");

    private static ActorCall Echo => new("echo");

    public sealed record Report(string Title, IReadOnlyList<long>? Counts = null);

    [Fact]
    public async Task Step_after_a_group_must_get_the_list_of_results()
    {
        await using var host = await StartAsync();
        var run = await host.RunAsync(Group.Of(new Enqueue(Twice(1)) { Delay = TimeSpan.FromSeconds(3) }, Twice(2), Twice(3)) | Say("doubled") );
        var summed = await host.RunAsync(Group.Of(Enumerable.Range(1, 1_000).Select(static x => Twice(x))) | Sum | Add(1));

        Assert.Equal(["\"doubled\" [2,4,6]"], host.Seen.All);
        Assert.Equal(1_001_001, await summed.GetResultAsync<long>());
        Assert.Equal([2L, 4, 6], await run.GetStepResultAsync<List<long>>(0));
    }

    [Fact]
    public async Task List_of_results_must_fill_the_place_of_a_task()
    {
        Report? reported = null;
        await using var host = await StartAsync(d => d.AddActor<Reporter>(a => a.Handles<Report>()), services => services.Add(report => reported = report));
        await host.RunAsync(Group.Of(Twice(1), Twice(2)) | new Report("two"));

        Assert.Equal(("two", "2,4"), (reported?.Title, string.Join(',', reported?.Counts ?? [])));
    }

    [Fact]
    public async Task Group_in_the_middle_must_get_the_result_in_every_member()
    {
        await using var host = await StartAsync();
        var run = await host.RunAsync(Add(1, 2) | Group.Of(Add(10), Twice(), new Enqueue(Twice(50)) { Options = MessageOptions.Empty.With(OptionNames.PipeIgnore, true) }, Twice() | Twice()) | Echo);

        Assert.Equal("[13,6,100,12]", (await run.GetResultAsync<JsonText>()).ToString());
        Assert.Equal(["3", "[13,6,100,12]", "[13,6,100,12]"], (await run.GetResultsAsync<JsonText>().ToListAsync()).Select(static result => result.ToString()));
    }

    [Fact]
    public async Task Groups_in_a_row_must_pass_the_list_to_every_member()
    {
        await using var host = await StartAsync();
        var run = await host.RunAsync(Group.Of(Twice(1), Twice(2)) | Group.Of(Sum, Echo) | Group.Of(Echo) | Echo);

        Assert.Equal("[[6,[2,4]]]", (await run.GetResultAsync<JsonText>()).ToString());
    }

    [Fact]
    public async Task Nested_groups_must_give_nested_lists()
    {
        await using var host = await StartAsync();
        var run = await host.RunAsync(
            Group.Of(Group.Of(Twice(1), Group.Of(Twice(2), Twice(3))), Twice(4), Pipeline.Of(Twice(5)) | Group.Of(Twice(), Echo), new Enqueue(Twice(6)) { MessageId = "mine" }, Twice(7)) | Echo);

        Assert.Equal("[[2,[4,6]],8,[20,10],12,14]", (await run.GetResultAsync<JsonText>()).ToString());
    }

    [Fact]
    public async Task Pipeline_with_a_group_inside_a_group_must_count_as_one_member()
    {
        await using var host = await StartAsync();
        var inner = Twice(1) | Group.Of(Twice(), Twice()) | Sum;
        var run = await host.RunAsync(Group.Of(inner, Twice(5), inner).AddCompletionCallback(Say("done")).AddEndCallback(Say("ended")));

        Assert.Equal(["8", "10", "8"], (await run.GetResultsAsync<JsonText>().ToListAsync()).Select(static result => result.ToString()));
        Assert.Equal(["\"done\"", "\"ended\""], host.Seen.All.Order());
    }

    [Fact]
    public async Task Last_group_of_a_member_must_be_awaited_by_the_group_around_it()
    {
        await using var host = await StartAsync();
        var run = await host.RunAsync(Group.Of(Twice(1) | Group.Of(Twice(), Twice() | Twice()), Twice(5)) | Echo | Say());

        Assert.Equal(["[[4,8],10]"], host.Seen.All);
        Assert.Equal(2, await run.CompletedCountAsync());
    }

    [Fact]
    public async Task Step_that_ignores_a_group_must_follow_it_without_any_result_stored()
    {
        await using var host = await StartAsync(d => d.AddActor("plain", static (long x) => x));
        await host.RunAsync(Group.Of(new ActorCall("plain", 1), new ActorCall("plain", 2)) | new Enqueue(Say("next")) { Options = MessageOptions.Empty.With(OptionNames.PipeIgnore, true) });

        Assert.Equal(["\"next\""], host.Seen.All);
        Assert.Equal(0, host.Results.Count);
    }

    [Fact]
    public async Task Delays_in_a_group_in_the_middle_must_count_from_the_step_before()
    {
        await using var host = await StartAsync();
        var start = host.Virtual.Clock.GetUtcNow();
        await host.RunAsync(
            new Enqueue(Twice(1)) { Delay = TimeSpan.FromSeconds(5) }
            | Group.Of(new Enqueue(Twice()) { Delay = TimeSpan.FromSeconds(20) }, new Enqueue(Twice()) { Delay = TimeSpan.FromSeconds(50) })
            | new Enqueue(Say()) { Delay = TimeSpan.FromSeconds(100) });

        Assert.Equal(["[4,4]"], host.Seen.All);
        Assert.Equal(start.AddSeconds(155), host.Virtual.Clock.GetUtcNow());
    }

    [Fact]
    public async Task Failure_inside_must_end_the_whole_and_be_told_outside()
    {
        await using var host = await StartAsync();
        var run = await host.RunAsync((Twice(1) | Group.Of(Twice(), new ActorCall("fail")) | Echo | Say("wrong")).AddFailureCallback(Say("failed")), failFast: false);

        Assert.Equal(["\"failed\""], host.Seen.All);
        Assert.Equal("2", (await Assert.ThrowsAsync<ResultFailureException>(() => run.GetResultAsync<JsonText>())).ErrorMessage);
    }

    [Fact]
    public async Task Results_that_are_gone_must_fail_the_step_that_wants_them()
    {
        await using var host = await StartAsync(static d => d.AddActor("once", static (JsonText value) => value, static a => a.MaxRetries(0)));
        await host.Queue.RunAsync(Group.Of(Twice(1), new Enqueue(Twice(2)) { Delay = TimeSpan.FromHours(1) }) | new ActorCall("once"));
        await EndToEnd.Eventually.AssertAsync(() => Assert.Equal(1, host.Results.Count));
        await host.Results.StoreAsync(Akka.Results.ResultKey.Of(host.Taken.All[0]), default, TimeSpan.Zero, default);   // the store loses it
        host.Virtual.Clock.Advance(TimeSpan.FromHours(1));
        await EndToEnd.Eventually.AssertAsync(() =>
        {
            host.Virtual.Clock.Advance(TimeSpan.FromSeconds(10));   // in small steps: the barrier lives for a day
            Assert.Single(host.Virtual.Broker.DeadLetters());
        });

        Assert.StartsWith(
            "attempt 1 was the last: GroupResultMissingException: The result of twice ", host.Virtual.DeadNote().GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    private static Task<CompositionHost> StartAsync(Action<DramatiqBuilder>? configure = null, Action<Reports>? reports = null)
    {
        var sink = new Reports();
        reports?.Invoke(sink);
        return CompositionHost.StartAsync(configure, services: services => Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions.AddSingleton(services, sink));
    }

    public sealed class Reports
    {
        private Action<Report> _told = static _ => { };

        public void Add(Action<Report> told) => _told += told;

        public void Tell(Report report) => _told(report);
    }

    public sealed class Reporter : TaskActor
    {
        public Reporter(Reports reports) => Receive<Report>(reports.Tell);
    }
}
