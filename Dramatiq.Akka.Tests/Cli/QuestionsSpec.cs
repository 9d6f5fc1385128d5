using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Tests.Management;

namespace Dramatiq.Akka.Tests.Cli;

public sealed class QuestionsSpec
{
    /// <summary>Everything that destroys, or that hits many: what is typed, what is asked, and of which type the order is.</summary>
    public static TheoryData<string[], string, Type> Orders => new()
    {
        { ["queue", "purge", "default", "--place", "dead"], "Drop all 42 dead letters of queue 'default', and those that come until then? [y/N] ", typeof(PurgeQueue) },
        { ["worker", "drain"], "Drain app@host:4711, which runs 2 messages, for good? [y/N] ", typeof(DrainNode) },
        { ["message", "delete", "default", "1", "2", "2", "--place", "ready"], "Delete 2 waiting messages of queue 'default'? [y/N] ", typeof(DeleteMessages) },
        { ["message", "delete", "default", "--place", "delayed", "--actor", "add"], "Delete 42 delayed messages of queue 'default'? [y/N] ", typeof(DeleteMessages) },
        { ["message", "requeue", "default", "--all"], "Requeue 42 dead letters of queue 'default'? [y/N] ", typeof(RequeueDead) },
        { ["message", "run-now", "default", "--actor", "add"], "Run now 42 delayed messages of queue 'default'? [y/N] ", typeof(RunNow) },
        { ["dead", "requeue", "default", "--reason", "timeout"], "Requeue 42 dead letters of queue 'default'? [y/N] ", typeof(RequeueDead) },
        { ["dead", "delete", "default", "7"], "Delete 1 dead letter of queue 'default'? [y/N] ", typeof(DeleteMessages) },
    };

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Order_must_be_asked_about_unless_yes_is_said(string[] args, string question, Type order)
    {
        var inspection = Reports.All();
        await using var host = await ManagementHost.StartAsync(inspection: inspection);
        int Given() => inspection.Asked<IOrder>().Count(given => given.GetType() == order);

        var nobody = await new Typed(host.Address).RunAsync(args);
        Assert.Equal((2, 0), (nobody.ExitCode, Given()));
        Assert.Contains("no terminal to ask at. Nothing was done.", nobody.Error, StringComparison.Ordinal);
        Assert.Contains("--yes", nobody.Error, StringComparison.Ordinal);

        foreach (var reply in new[] { "n", "", "yeah" })
        {
            var no = await new Typed(host.Address) { Reply = reply }.RunAsync(args);
            Assert.Equal((1, 0), (no.ExitCode, Given()));
            Assert.Equal(question + "dramatiq: Nothing was done.", no.Error.Trim());
        }

        var yes = await new Typed(host.Address) { Reply = "Yes" }.RunAsync([.. args, "--json"]);
        Assert.Equal((0, question, 1), (yes.ExitCode, yes.Error, Given()));
        Assert.NotNull(yes.Json);

        var told = await new Typed(host.Address).RunAsync([.. args, "--yes"]);
        Assert.Equal((0, "", 2), (told.ExitCode, told.Error, Given()));
        Assert.NotEmpty(told.Output);
    }

    [Fact]
    public async Task What_dies_after_the_count_must_not_be_meant()
    {
        var inspection = Reports.All();
        await using var host = await ManagementHost.StartAsync(inspection: inspection);

        Assert.Equal(0, (await new Typed(host.Address) { Reply = "y" }.RunAsync("dead", "requeue", "default", "--all")).ExitCode);
        Assert.Equal(0, (await new Typed(host.Address).RunAsync("dead", "delete", "default", "--actor", "add", "-y")).ExitCode);

        Assert.Equal(new MessageFilter { DiedUntil = Reports.At }, inspection.Asked<RequeueDead>()[0].Filter);
        Assert.Equal((MessagePlace.Dead, new MessageFilter { ActorName = "add" }), inspection.Asked<DeleteMessages>()[0] is var deleted ? (deleted.Place, deleted.Filter) : default);
        Assert.Single(inspection.Asked<CountMessages>());
    }

    [Theory]
    [InlineData("--text")]
    [InlineData("--actor")]
    [InlineData("--reason")]
    [InlineData("--message-id")]
    public async Task Empty_filter_must_be_no_order_for_all(string option)
    {
        var inspection = Reports.All();
        await using var host = await ManagementHost.StartAsync(inspection: inspection);

        var run = await new Typed(host.Address).RunAsync("message", "delete", "default", "--place", "ready", option, "", "--yes");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains($"{option} is empty.", run.Error, StringComparison.Ordinal);
        Assert.Empty(inspection.Asked<IOrder>());
    }

    [Theory]
    [InlineData("--actor", "add")]
    [InlineData("--all")]
    public async Task Filter_that_ends_before_the_queue_does_must_be_told_with_a_code_of_its_own(params string[] filter)
    {
        var inspection = Reports.All().On<RequeueDead>(static _ => new MessagesAnswer(3, false));
        await using var host = await ManagementHost.StartAsync(inspection: inspection);

        var run = await new Typed(host.Address).RunAsync(["dead", "requeue", "default", .. filter, "--yes"]);

        Assert.Equal((7, "Requeued 3 dead letters of queue 'default'."), (run.ExitCode, run.Lines[0]));
        Assert.Contains("This broker could look no further: there may be more dead letters of queue 'default' that are meant.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ids_must_be_requeued_without_a_question_and_those_missing_be_told()
    {
        var inspection = Reports.All().On<RequeueDead>(static _ => new MessagesAnswer(1, true));
        await using var host = await ManagementHost.StartAsync(inspection: inspection);

        var run = await new Typed(host.Address).RunAsync("dead", "requeue", "default", "1", "2", "3");

        Assert.Equal(5, run.ExitCode);
        Assert.Equal("Requeued 1 dead letter of queue 'default'.", run.Lines[0]);
        Assert.Contains("2 ids of 3 were not found", run.Error, StringComparison.Ordinal);
        Assert.Equal(["1", "2", "3"], inspection.Asked<RequeueDead>()[0].Ids!);
    }

    [Fact]
    public async Task Nothing_that_matches_must_be_nothing_to_do()
    {
        var inspection = Reports.All().On<CountMessages>(static _ => new MessageCount(0, 100, true, Reports.At));
        await using var host = await ManagementHost.StartAsync(inspection: inspection);

        var run = await new Typed(host.Address) { Reply = "y" }.RunAsync("dead", "delete", "default", "--actor", "nobody");

        Assert.Equal((0, "", "Deleted 0 dead letters of queue 'default'."), (run.ExitCode, run.Error, run.Lines[0]));
        Assert.Empty(inspection.Asked<DeleteMessages>());
    }

    [Theory]
    [InlineData("It is not said which messages.", "dead", "delete", "default")]
    [InlineData("Ids and a filter cannot be given together.", "dead", "delete", "default", "1", "--all")]
    [InlineData("--all and a filter cannot be given together.", "dead", "requeue", "default", "--all", "--actor", "add")]
    public async Task Which_messages_must_be_said_in_one_way(string problem, params string[] args)
    {
        var inspection = Reports.All();
        await using var host = await ManagementHost.StartAsync(inspection: inspection);

        var run = await new Typed(host.Address).RunAsync([.. args, "--yes"]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(problem, run.Error, StringComparison.Ordinal);
        Assert.Empty(inspection.Asked<IOrder>());
    }
}
