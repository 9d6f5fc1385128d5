using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Tests.Management;

/// <summary>Each order that a page gives, in a browser.</summary>
[Collection(BrowserCollection.Name)]
public sealed class DashboardOrdersSpec(Browser browser)
{
    private readonly Shop _shop = new();

    [Fact]
    public async Task A_queue_must_be_paused_here_and_everywhere()
    {
        await using var host = await HostAsync();
        await using var tab = await browser.OpenAsync(host, "queues/emails");

        await tab.Button("Pause here").ClickAsync();
        Assert.StartsWith("The queue is paused.", await tab.NoticeAsync(), StringComparison.Ordinal);
        await tab.Page.GotoAsync("queues/emails");   // without a notice, so that the next is of the next order
        await tab.Button("Pause everywhere").ClickAsync();
        Assert.StartsWith("The queue is paused.", await tab.NoticeAsync(), StringComparison.Ordinal);
        await tab.Page.GotoAsync("queues/reports");
        await tab.Button("Resume here").ClickAsync();
        Assert.Equal("The queue is resumed.", await tab.NoticeAsync());

        Assert.Equal([new PauseQueue("emails"), new PauseQueue("emails", true)], _shop.Inspection.Asked<PauseQueue>());
        Assert.Equal([new ResumeQueue("reports")], _shop.Inspection.Asked<ResumeQueue>());
    }

    [Fact]
    public async Task Workers_must_be_scaled()
    {
        await using var host = await HostAsync();
        await using var tab = await browser.OpenAsync(host, "workers");

        await tab.Page.GetByLabel("Workers").First.FillAsync("24");
        await tab.Button("Set").First.ClickAsync();

        Assert.Equal("From now on there are 24 workers.", await tab.NoticeAsync());
        Assert.Equal([new ScaleWorkers("emails", 24)], _shop.Inspection.Asked<ScaleWorkers>());
    }

    [Fact]
    public async Task Ticked_dead_letters_must_be_requeued()
    {
        await using var host = await HostAsync();
        await using var tab = await browser.OpenAsync(host, "dead?queue=emails");
        Assert.True(await tab.Button("Requeue").IsDisabledAsync());

        await tab.Page.Locator("main input[name=id]").Nth(1).CheckAsync();
        await tab.Page.Locator("main input[name=id]").Nth(4).CheckAsync();
        Assert.Equal("2 selected", await tab.Page.Locator("[data-count]").InnerTextAsync());
        await tab.Button("Requeue").ClickAsync();

        Assert.Equal("2 dead letters were put back.", await tab.NoticeAsync());
        var order = Assert.Single(_shop.Inspection.Asked<RequeueDead>());
        Assert.Equal(("emails", "key-1,key-4", true), (order.Queue, string.Join(',', order.Ids!), order.Filter is null));
    }

    [Fact]
    public async Task Deleting_must_ask_first_and_take_no_for_an_answer()
    {
        await using var host = await HostAsync();
        await using var tab = await browser.OpenAsync(host, "dead?queue=emails");

        await tab.Page.Locator("[data-all]").CheckAsync();
        await tab.Button("Delete…").ClickAsync();
        await tab.HeadingIsAsync("Delete 50 dead letters?");
        await tab.Link("Keep them").ClickAsync();
        await tab.HeadingIsAsync("Dead letters");
        Assert.Empty(_shop.Inspection.Asked<DeleteMessages>());

        await tab.Page.Locator("main input[name=id]").First.CheckAsync();
        await tab.Button("Delete…").ClickAsync();
        await tab.Button("Delete 1 dead letter").ClickAsync();

        Assert.Equal("1 message was dropped.", await tab.NoticeAsync());
        Assert.Equal("key-0", Assert.Single(Assert.Single(_shop.Inspection.Asked<DeleteMessages>()).Ids!));
    }

    [Fact]
    public async Task All_that_match_must_be_counted_before_they_are_requeued_and_no_more_be_taken()
    {
        await using var host = await HostAsync();
        await using var tab = await browser.OpenAsync(host, "dead?queue=emails");

        await tab.Page.GetByLabel("Reason or error").FillAsync("Timeout & more");
        await tab.Button("Search").ClickAsync();
        await tab.Button("Requeue all…").ClickAsync();
        await tab.HeadingIsAsync("Requeue 1\u202f204 dead letters?");
        Assert.Empty(_shop.Inspection.Asked<RequeueDead>());
        await tab.Button("Requeue 1\u202f204 dead letters").ClickAsync();

        Assert.Equal("1\u202f204 dead letters were put back.", await tab.NoticeAsync());
        var order = Assert.Single(_shop.Inspection.Asked<RequeueDead>());
        Assert.Null(order.Ids);
        Assert.Equal("Timeout & more", order.Filter!.Reason);
        Assert.NotNull(order.Filter.DiedUntil);
    }

    [Fact]
    public async Task Delayed_messages_must_be_run_now()
    {
        await using var host = await HostAsync();
        await using var tab = await browser.OpenAsync(host, "queues/emails?place=delayed");

        await tab.Page.Locator("main input[name=id]").First.CheckAsync();
        await tab.Button("Run now").ClickAsync();

        Assert.Equal("1 message will run now.", await tab.NoticeAsync());
        Assert.Equal("key-0", Assert.Single(Assert.Single(_shop.Inspection.Asked<RunNow>()).Ids!));
    }

    [Fact]
    public async Task All_waiting_or_delayed_that_match_must_be_ordered_after_a_question()
    {
        await using var host = await HostAsync();
        await using var tab = await browser.OpenAsync(host, "queues/emails?place=delayed&text=customer");

        await tab.Button("Run all now…").ClickAsync();
        await tab.HeadingIsAsync("Run 1\u202f204 messages now?");
        Assert.Empty(_shop.Inspection.Asked<RunNow>());
        await tab.Button("Run 1\u202f204 messages now").ClickAsync();
        var run = Assert.Single(_shop.Inspection.Asked<RunNow>());
        Assert.Null(run.Ids);
        Assert.Equal(new MessageFilter { Text = "customer" }, run.Filter);
        Assert.Equal("customer", await tab.Page.GetByLabel("In the arguments").InputValueAsync());

        await tab.Page.GotoAsync("queues/emails?place=ready&actorName=send_receipt");
        Assert.Equal(0, await tab.Button("Drop everything here…").CountAsync());
        await tab.Button("Drop all…").ClickAsync();
        await tab.Button("Drop 1\u202f204 messages").ClickAsync();
        var dropped = Assert.Single(_shop.Inspection.Asked<DeleteMessages>());
        Assert.Null(dropped.Ids);
        Assert.Equal((MessagePlace.Ready, new MessageFilter { ActorName = "send_receipt" }), (dropped.Place, dropped.Filter));
    }

    [Fact]
    public async Task A_queue_must_be_purged_after_a_question_alone()
    {
        await using var host = await HostAsync();
        await using var tab = await browser.OpenAsync(host, "queues/emails");

        Assert.Contains("also what came since the count", await tab.Page.Locator(".purge").InnerTextAsync(), StringComparison.Ordinal);
        await tab.Button("Drop everything here…").ClickAsync();
        await tab.HeadingIsAsync("Drop 1\u202f204 messages?");
        Assert.Empty(_shop.Inspection.Asked<PurgeQueue>());
        await tab.Button("Drop 1\u202f204 messages").ClickAsync();

        Assert.Equal("18\u202f240 messages were dropped.", await tab.NoticeAsync());
        Assert.Equal([new PurgeQueue("emails", MessagePlace.Ready)], _shop.Inspection.Asked<PurgeQueue>());
    }

    private Task<ManagementHost> HostAsync() => ManagementHost.StartAsync(inspection: _shop.Inspection);
}
