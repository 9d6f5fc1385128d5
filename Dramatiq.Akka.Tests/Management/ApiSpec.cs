using System.ComponentModel;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Management.Commands;

namespace Dramatiq.Akka.Tests.Management;

public sealed class ApiSpec
{
    private static readonly string[] Ids = ["1", "2"];
    private static readonly string[] Regions = ["a", "b"];
    private static readonly int[] Numbers = [1, 2];

    [Fact]
    public async Task Questions_must_be_answered_as_the_inspection_does()
    {
        await using var host = await ManagementHost.StartAsync();

        var (status, body) = await host.GetAsync("api/actors");

        Assert.Equal(200, status);
        Assert.Equal("add", (string?)body!["actors"]![0]!["name"]);
        Assert.Equal("default", (string?)body["actors"]![0]!["queue"]);
    }

    [Fact]
    public async Task Path_query_and_body_must_become_one_question()
    {
        var inspection = new ScriptedInspection()
            .On<GetMessages>(static _ => new MessagePage([], 0, true, null))
            .On<RequeueDead>(static _ => new MessagesAnswer(2, true))
            .On<EnqueueMessage>(static _ => new MessageEnqueued("1", "default", "add"));
        await using var host = await ManagementHost.StartAsync(inspection: inspection);

        Assert.Equal(200, (await host.GetAsync("api/queues/default/messages?place=dead&count=7&reason=x%26y&diedUntil=2026-01-31T12:00:00Z")).Status);
        Assert.Equal(200, (await host.PostAsync("api/queues/a.b/requeue", new { ids = Ids })).Status);
        Assert.Equal(200, (await host.PostAsync("api/queues/default/requeue", new { all = true })).Status);
        Assert.Equal(200, (await host.PostAsync("api/enqueue", new { actorName = "add", queue = "other", args = Numbers, kwargs = "{\"z\":3}", delayMs = "5" })).Status);

        var page = Assert.Single(inspection.Asked<GetMessages>());
        Assert.Equal(("default", MessagePlace.Dead, 7, "x&y", new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero)), (page.Queue, page.Place, page.Count, page.Filter!.Reason, page.Filter.DiedUntil));
        var (one, every) = (inspection.Asked<RequeueDead>()[0], inspection.Asked<RequeueDead>()[1]);
        Assert.Equal(("a.b", "1,2", true), (one.Queue, string.Join(',', one.Ids!), one.Filter is null));
        Assert.Equal(new MessageFilter(), every.Filter);
        var enqueued = Assert.Single(inspection.Asked<EnqueueMessage>());
        Assert.Equal(("add", "other", "[1,2]", "{\"z\":3}", 5L), (enqueued.ActorName, enqueued.Queue, enqueued.Args, enqueued.Kwargs, enqueued.DelayMs));
    }

    [Fact]
    public async Task Empty_text_must_not_become_an_order_for_all()
    {
        await using var host = await ManagementHost.StartAsync();
        await host.Worker.Tasks.PauseQueueAsync("default");
        await host.Worker.Queue.EnqueueAsync(new ActorCall("add", 1, 2));

        var (status, body) = await host.PostAsync("api/queues/default/delete", new { place = "ready", text = "" });

        Assert.Equal((400, "The filter's 'text' is empty. Leave it out, or say what to look for."), (status, (string?)body!["detail"]));
        Assert.Equal(400, (await host.GetAsync("api/queues/default/messages/count?place=ready&actorName=")).Status);
        Assert.Equal(1, (long)(await host.GetAsync("api/queues/default")).Body!["ready"]!);
    }

    [Theory]
    [InlineData("api/queues/default/messages?place=nowhere", "'place' cannot be 'nowhere': it is one of ready, delayed, inHand, dead.")]
    [InlineData("api/queues/default/messages?place=dead&count=many", "'count' cannot be 'many': it is a whole number.")]
    [InlineData("api/queues/default/messages?place=dead&resaon=x", "'message list' takes no 'resaon'. It takes: queue, place, offset, count, lookAtMost, actorName, messageId, text, reason, diedUntil.")]
    [InlineData("api/queues/default/messages", "'message list' needs 'place': Where to look.")]
    public async Task What_cannot_be_asked_must_be_refused_by_name(string path, string detail)
    {
        await using var host = await ManagementHost.StartAsync(inspection: new ScriptedInspection());

        var (status, body) = await host.GetAsync(path);

        Assert.Equal((400, detail, "invalid"), (status, (string?)body!["detail"], (string?)body["failure"]));
    }

    [Fact]
    public async Task A_misspelled_filter_must_not_become_an_order_for_all()
    {
        var inspection = new ScriptedInspection();
        await using var host = await ManagementHost.StartAsync(inspection: inspection);

        Assert.Equal(400, (await host.PostAsync("api/queues/default/delete", new { place = "dead", raeson = "timeout" })).Status);
        Assert.Empty(inspection.Asked<DeleteMessages>());
    }

    [Theory]
    [InlineData(InspectionFailure.Invalid, 400)]
    [InlineData(InspectionFailure.UnknownQueue, 404)]
    [InlineData(InspectionFailure.NotConsumedHere, 409)]
    [InlineData(InspectionFailure.Refused, 422)]
    [InlineData(InspectionFailure.NotSupported, 501)]
    [InlineData(InspectionFailure.NotConfigured, 501)]
    [InlineData(InspectionFailure.BrokerAway, 503)]
    [InlineData(InspectionFailure.NotRunning, 503)]
    [InlineData(InspectionFailure.TimedOut, 504)]
    [InlineData(InspectionFailure.Internal, 500)]
    public async Task Refusals_must_have_their_status_code(InspectionFailure failure, int expected)
    {
        var inspection = new ScriptedInspection { Failure = new InspectionException(failure, "because") };
        await using var host = await ManagementHost.StartAsync(inspection: inspection);
        using var response = await host.Client.GetAsync(new Uri("api/queues", UriKind.Relative));

        Assert.Equal((expected, "application/problem+json"), ((int)response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.Equal(failure is not InspectionFailure.Internal, (await response.Content.ReadAsStringAsync()).Contains("because", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_not_there_must_be_404()
    {
        var inspection = new ScriptedInspection().On<GetMessage>(static _ => new MessageAnswer(null, null, 10, true));
        await using var host = await ManagementHost.StartAsync(inspection: inspection);

        Assert.Equal(404, (await host.GetAsync("api/messages/nobody")).Status);
        Assert.Equal(404, (await host.GetAsync("api/nothing")).Status);
        Assert.Equal(404, (await host.PostAsync("api/commands/nothing")).Status);
    }

    [Theory]
    [InlineData("import/2026/1")]
    [InlineData("100%")]
    [InlineData("a%2Fb")]
    [InlineData("é ?#&+")]
    public async Task An_id_in_the_path_must_be_asked_for_as_it_is(string id)
    {
        var asked = "";
        var inspection = new ScriptedInspection().On<GetMessage>(question =>
        {
            asked = question.Id;
            return new MessageAnswer(null, null, 10, true);
        });
        await using var host = await ManagementHost.StartAsync(inspection: inspection);

        await host.GetAsync("api/messages/" + Uri.EscapeDataString(id) + "?queue=emails");
        Assert.Equal(id, asked);
    }

    [Fact]
    public async Task Every_command_must_be_published_with_its_parameters()
    {
        await using var host = await ManagementHost.StartAsync(static m => m.AddCommand("cache flush", "Empties a cache.", static ([Description("Which.")] string region, bool all = false) => $"{region} {all}", destroys: true));

        var commands = (await host.GetAsync("api/commands")).Body!["commands"]!.AsArray();

        var pause = commands.Single(static one => (string?)one!["name"] == "queue pause")!;
        Assert.Equal(("POST", "api/queues/{queue}/pause", true, false), ((string?)pause["method"], (string?)pause["path"], (bool)pause["isOrder"]!, (bool)pause["destroys"]!));
        var flush = commands.Single(static one => (string?)one!["name"] == "cache flush")!;
        Assert.Equal(("POST", "api/commands/cache%20flush", true, false), ((string?)flush["method"], (string?)flush["path"], (bool)flush["destroys"]!, (bool)flush["isBuiltIn"]!));
        Assert.Equal(("region", "Which.", true), ((string?)flush["parameters"]![0]!["name"], (string?)flush["parameters"]![0]!["help"], (bool)flush["parameters"]![0]!["isRequired"]!));
        Assert.False((bool)flush["parameters"]![1]!["isRequired"]!);
    }

    [Fact]
    public async Task A_command_of_the_application_must_run_with_its_arguments_and_services()
    {
        await using var host = await ManagementHost.StartAsync(static m => m
            .AddCommand("cache flush", "Empties a cache.", static async (string[] regions, ITaskQueue queue, CancellationToken stop, int times = 2) =>
            {
                await Task.Delay(1, stop);
                Assert.NotNull(queue);
                return string.Join('+', regions) + " × " + times;
            })
            .AddCommand("cache size", "Tells its size.", static () => new { Bytes = 7 }, isOrder: false)
            .AddCommand("cache fill", "Fills it.", static (System.Text.Json.JsonElement values) => $"{values.GetProperty("a")[1]}")
            .AddCommand("cache note", "Notes.", static (System.Text.Json.JsonElement? value = null) => value is { } given ? $"{given.GetProperty("a")}" : "nothing")
            .AddCommand("cache sum", "Sums.", static (System.Text.Json.JsonElement[] values) => $"{values.Sum(static value => value.GetProperty("n").GetInt32())}")
            .AddCommand("cache break", "Fails.", static void () => throw new InvalidOperationException("/srv/secret/place")));

        Assert.Equal("a+b × 2", (string?)(await host.PostAsync("api/commands/cache%20flush", new { regions = Regions })).Body!["text"]);
        Assert.Equal(7, (int)(await host.PostAsync("api/commands/cache%20size")).Body!["value"]!["bytes"]!);
        Assert.Equal(400, (await host.PostAsync("api/commands/cache%20flush", new { times = 3 })).Status);
        Assert.Equal("2", (string?)(await host.PostAsync("api/commands/cache%20fill", new { values = new { a = Numbers } })).Body!["text"]);
        Assert.Equal("2", (string?)(await host.PostAsync("api/commands/cache%20fill", new { values = "{\"a\":[1,2]}" })).Body!["text"]);
        Assert.Equal(400, (await host.PostAsync("api/commands/cache%20fill", new { values = "{" })).Status);
        Assert.Equal("7", (string?)(await host.PostAsync("api/commands/cache%20note", new { value = new { a = 7 } })).Body!["text"]);
        Assert.Equal("nothing", (string?)(await host.PostAsync("api/commands/cache%20note")).Body!["text"]);
        Assert.Equal("3", (string?)(await host.PostAsync("api/commands/cache%20sum", new { values = new object[] { new { n = 1 }, "{\"n\":2}" } })).Body!["text"]);
        var (status, broken) = await host.PostAsync("api/commands/cache%20break");
        Assert.Equal(500, status);
        Assert.DoesNotContain("secret", broken!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_command_that_cannot_be_offered_must_be_refused_when_it_is_added()
    {
        var options = new ManagementOptions().AddCommand("one", "One.", static () => 1);

        Assert.Throws<DeclarationException>(() => options.AddCommand("one", "Another.", static () => 2));
        Assert.Throws<DeclarationException>(() => options.AddCommand("../one", "Another.", static () => 2));
        Assert.Throws<DeclarationException>(() => options.AddCommand("two", "Two.", static (Stream input) => input.Length));
    }

    [Fact]
    public void Every_question_of_the_inspection_must_have_a_command()
    {
        var questions = typeof(IQuestion).Assembly.GetExportedTypes().Where(static type => type is { IsAbstract: false, IsInterface: false } && type.IsAssignableTo(typeof(IQuestion))).ToList();
        var asked = Dramatiq.Akka.Management.Api.BuiltInCommands.All.Select(static command => command.GetType().GetGenericArguments()[0]);

        Assert.Empty(questions.Except(asked));
        Assert.All(Dramatiq.Akka.Management.Api.BuiltInCommands.All, static command =>
        {
            var question = command.GetType().GetGenericArguments()[0];
            Assert.Equal(question.IsAssignableTo(typeof(IOrder)), command.Description.IsOrder);
            if (command.Description.IsOrder)
                Assert.Equal(((IOrder)System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(question)).Destroys, command.Description.Destroys);
        });
    }
}
