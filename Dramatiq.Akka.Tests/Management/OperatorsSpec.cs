using System.Text.RegularExpressions;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Management;

/// <summary>A real worker, its real inspection, and what operators do to it.</summary>
[Collection(BrowserCollection.Name)]
public sealed partial class OperatorsSpec(Browser browser)
{
    [Fact]
    public async Task Two_operators_who_requeue_the_same_dead_letters_must_requeue_each_once()
    {
        await using var host = await FailingAsync(20);
        using var one = host.Browse();
        using var other = host.Browse();
        var ids = (await host.GetAsync("api/queues/default/messages?place=dead")).Body!["messages"]!.AsArray().Select(static message => (string)message!["key"]!).ToArray();
        await host.PostAsync("api/queues/default/pause");

        var answers = await Task.WhenAll(
            host.PostAsync("api/queues/default/requeue", new { ids }, one), host.PostAsync("api/queues/default/requeue", new { ids }, other),
            host.PostAsync("api/queues/default/requeue", new { all = true }, one), host.PostAsync("api/queues/default/requeue", new { all = true }, other));

        Assert.All(answers, static answer => Assert.Equal(200, answer.Status));
        Assert.Equal(20, answers.Sum(static answer => (long)answer.Body!["count"]!));
        var queue = (await host.GetAsync("api/queues/default")).Body!;
        Assert.Equal((20L, 0L), ((long)queue["ready"]!, (long)queue["dead"]!));
    }

    [Fact]
    public async Task A_queue_that_is_purged_while_it_is_shown_must_not_break_what_follows()
    {
        await using var host = await FailingAsync(5);
        await using var tab = await browser.OpenAsync(host, "dead?queue=default");
        await tab.Page.Locator("[data-all]").CheckAsync();

        Assert.Equal(5L, (long)(await host.PostAsync("api/queues/default/purge", new { place = "dead" })).Body!["count"]!);
        await tab.Button("Requeue").ClickAsync();

        Assert.Equal("Nothing was changed: those messages are gone already, or somebody else was quicker.", await tab.NoticeAsync());
        Assert.Equal("No dead letters. All is well.", await tab.Page.Locator(".empty").InnerTextAsync());
        Assert.Equal(0L, (long)(await host.GetAsync("api/queues/default")).Body!["ready"]!);
    }

    [Fact]
    public async Task A_dead_letter_must_tell_why_and_come_back_to_its_queue()
    {
        await using var host = await FailingAsync(1);
        await using var tab = await browser.OpenAsync(host, "dead");

        await tab.Page.Locator("td.id a").ClickAsync();
        var text = await tab.Page.Locator("main").InnerTextAsync();
        Assert.Contains("InvalidOperationException <b>no</b>", text, StringComparison.Ordinal);
        Assert.Contains("OperatorsSpec.cs", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Checkout.Root, text, StringComparison.Ordinal);
        await host.PostAsync("api/queues/default/pause");
        await tab.Button("Requeue").ClickAsync();

        Assert.Equal("1 dead letter was put back.", await tab.NoticeAsync());
        Assert.Equal((1L, 0L), await host.GetAsync("api/queues/default") is var queue ? ((long)queue.Body!["ready"]!, (long)queue.Body["dead"]!) : default);
    }

    [Fact]
    public async Task Orders_must_reach_the_running_worker()
    {
        var release = new TaskCompletionSource();
        await using var host = await ManagementHost.StartAsync(declare: d =>
        {
            d.Options.Queues.Workers = 2;
            d.AddActor("wait", async (int _) => await release.Task);
        });
        try
        {
            await host.Worker.Queue.EnqueueAsync(new ActorCall("wait", 1));
            await using var tab = await browser.OpenAsync(host, "workers");
            await Eventually.AssertAsync(async () => Assert.Contains("1 of 2 workers busy", await tab.Page.Locator("#live").InnerTextAsync(), StringComparison.Ordinal));
            await tab.Page.GetByLabel("Workers").FillAsync("3");
            await tab.Button("Set").ClickAsync();
            Assert.Equal("From now on there are 3 workers.", await tab.NoticeAsync());
            Assert.Equal(3, (await host.Worker.PoolAsync()).Workers);

            await tab.Page.GotoAsync("queues/default?place=inHand");
            Assert.Equal("wait", await tab.Page.Locator("td[data-label=Actor]").InnerTextAsync());
            await tab.Button("Pause here").ClickAsync();
            await Eventually.AssertAsync(async () => Assert.True((bool)(await host.GetAsync("api/queues/default")).Body!["isPausedHere"]!));
        }
        finally
        {
            release.SetResult();
        }
    }

    [Fact]
    public async Task Every_command_must_be_answered_by_the_real_inspection()
    {
        await using var host = await FailingAsync(1);
        foreach (var command in Dramatiq.Akka.Management.Api.BuiltInCommands.All.Where(static command => !command.Description.IsOrder && command.Description.Name is not ("message show" or "message life")))
        {
            var query = command.Description.Parameters.Any(static parameter => parameter is { Name: "place", IsRequired: true }) ? "?place=dead" : "";
            var (status, _) = await host.GetAsync(Hole().Replace(command.Description.Path, "default") + query);
            Assert.True(status == 200, $"{command.Description.Name} answered {status}.");
        }
    }

    /// <summary>A worker with so many dead letters, whose error is markup.</summary>
    private static async Task<ManagementHost> FailingAsync(int count)
    {
        var host = await ManagementHost.StartAsync(declare: static d => d.AddActor("fail", static void (int x) => throw new InvalidOperationException("<b>no</b>"), static o => o.MaxRetries(0)));
        await Task.WhenAll(Enumerable.Range(0, count).Select(at => host.Worker.Queue.EnqueueAsync(new ActorCall("fail", at))));
        await Eventually.AssertAsync(async () => Assert.Equal(count, (long?)(await host.GetAsync("api/queues/default")).Body!["dead"]));
        return host;
    }

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Hole();
}
