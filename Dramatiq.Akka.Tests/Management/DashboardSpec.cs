using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Playwright;

namespace Dramatiq.Akka.Tests.Management;

/// <summary>Each page and each of its actions, in a browser.</summary>
[Collection(BrowserCollection.Name)]
public sealed class DashboardSpec(Browser browser)
{
    private readonly Shop _shop = new();

    [Theory]
    [InlineData("", "Overview")]
    [InlineData("queues/emails", "emails")]
    [InlineData("queues/emails?place=delayed", "emails")]
    [InlineData("queues/emails?place=inHand", "emails")]
    [InlineData("queues/emails?place=dead&offset=50", "emails")]
    [InlineData("message?queue=emails&place=dead&id=key-0", "send_receipt")]
    [InlineData("dead", "Dead letters")]
    [InlineData("dead?queue=emails&text=nowhere", "Dead letters")]
    [InlineData("workers", "Workers")]
    [InlineData("actors", "Actors")]
    [InlineData("queues/nothing", "No such queue")]
    public async Task A_page_must_open_without_errors_and_be_readable_by_its_structure(string path, string heading)
    {
        await using var host = await HostAsync();
        await using var tab = await browser.OpenAsync(host, path);

        Assert.Equal(heading, await tab.HeadingAsync());
        Assert.Equal(1, await tab.Page.Locator("main").CountAsync());
        Assert.Equal(1, await tab.Page.GetByRole(AriaRole.Navigation, new PageGetByRoleOptions { Name = "Main" }).CountAsync());
        Assert.Empty(tab.Errors);
        Assert.Equal("", await tab.Page.EvaluateAsync<string>(Unlabelled));
    }

    [Theory]
    [InlineData("")]
    [InlineData("queues/emails?place=dead")]
    [InlineData("message?queue=emails&place=dead&id=key-3")]
    [InlineData("dead")]
    [InlineData("workers")]
    [InlineData("actors")]
    public async Task A_page_must_fit_a_phone(string path)
    {
        await using var host = await HostAsync();
        await using var tab = await browser.OpenAsync(host, path, width: 360, height: 740);

        Assert.Equal(360, await tab.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
    }

    [Fact]
    public async Task The_navigation_must_lead_to_every_page()
    {
        await using var host = await HostAsync();
        await using var tab = await browser.OpenAsync(host);

        foreach (var title in new[] { "Dead letters", "Workers", "Actors", "Overview" })
        {
            await tab.Link(title).First.ClickAsync();
            Assert.Equal(title, await tab.HeadingAsync());
            Assert.Equal(title, await tab.Page.Locator("nav[aria-label=Main] [aria-current=page]").InnerTextAsync());
        }

        await tab.Link("emails").ClickAsync();
        await tab.Page.Locator("td.id a").First.ClickAsync();
        Assert.Equal("send_receipt", await tab.HeadingAsync());
    }

    [Fact]
    public async Task Keys_alone_must_reach_the_content()
    {
        await using var host = await HostAsync();
        await using var tab = await browser.OpenAsync(host);

        await tab.Page.Keyboard.PressAsync("Tab");
        Assert.Equal("Skip to content", await tab.Page.EvaluateAsync<string>("document.activeElement.textContent"));
        await tab.Page.Keyboard.PressAsync("Enter");
        Assert.Equal("main", await tab.Page.EvaluateAsync<string>("document.activeElement.id"));
    }

    [Fact]
    public async Task A_queue_must_be_paused_here_and_everywhere()
    {
        await using var host = await HostAsync();
        await using var tab = await browser.OpenAsync(host, "queues/emails");

        await tab.Button("Pause here").ClickAsync();
        Assert.StartsWith("The queue is paused.", await tab.NoticeAsync(), StringComparison.Ordinal);
        await tab.Button("Pause everywhere").ClickAsync();
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

        await tab.Page.Locator("input[name=id]").Nth(1).CheckAsync();
        await tab.Page.Locator("input[name=id]").Nth(4).CheckAsync();
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
        Assert.Equal("Delete 50 dead letters?", await tab.HeadingAsync());
        await tab.Link("Keep them").ClickAsync();
        Assert.Equal("Dead letters", await tab.HeadingAsync());
        Assert.Empty(_shop.Inspection.Asked<DeleteMessages>());

        await tab.Page.Locator("input[name=id]").First.CheckAsync();
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
        Assert.Equal("Requeue 1\u202f204 dead letters?", await tab.HeadingAsync());
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

        await tab.Page.Locator("input[name=id]").First.CheckAsync();
        await tab.Button("Run now").ClickAsync();

        Assert.Equal("1 message will run now.", await tab.NoticeAsync());
        Assert.Equal("key-0", Assert.Single(Assert.Single(_shop.Inspection.Asked<RunNow>()).Ids!));
    }

    [Fact]
    public async Task A_queue_must_be_purged_after_a_question_alone()
    {
        await using var host = await HostAsync();
        await using var tab = await browser.OpenAsync(host, "queues/emails");

        await tab.Button("Drop everything here…").ClickAsync();
        Assert.Equal("Drop 1\u202f204 messages?", await tab.HeadingAsync());
        Assert.Empty(_shop.Inspection.Asked<PurgeQueue>());
        await tab.Button("Drop 1\u202f204 messages").ClickAsync();

        Assert.Equal([new PurgeQueue("emails", MessagePlace.Ready)], _shop.Inspection.Asked<PurgeQueue>());
    }

    [Theory]
    [InlineData("queues/emails")]
    [InlineData("dead?queue=emails")]
    [InlineData("message?queue=emails&place=dead&id=key-3")]
    public async Task Markup_and_control_characters_must_be_shown_as_text(string path)
    {
        await using var host = await HostAsync();
        await using var tab = await browser.OpenAsync(host, path);

        Assert.True(await tab.Page.EvaluateAsync<bool>("window.pwned === undefined && document.querySelectorAll('main img, main script').length === 0"));
        var text = await tab.Page.Locator("main").InnerTextAsync();
        Assert.Contains("<img src=x onerror=", text, StringComparison.Ordinal);
        Assert.Contains("\\u001b[31m\\u202e", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202e', text);
    }

    [Fact]
    public async Task Numbers_must_follow_what_happens_without_a_new_page()
    {
        await using var host = await HostAsync(static m => m.LiveInterval = TimeSpan.FromMilliseconds(100));
        await using var tab = await browser.OpenAsync(host);
        await tab.Page.EvaluateAsync("window.isSamePage = true");

        _shop.Ready = 77_777;

        await Assertions.Expect(tab.Page.Locator(".tile dd").First).ToHaveTextAsync("77\u202f818");
        await Assertions.Expect(tab.Page.Locator("#pulse")).ToHaveTextAsync("Live");
        Assert.True(await tab.Page.EvaluateAsync<bool>("window.isSamePage"));
        Assert.Empty(tab.Errors);
    }

    [Fact]
    public async Task A_broker_that_is_away_must_be_told_and_its_return_be_noticed()
    {
        await using var host = await HostAsync(static m => m.LiveInterval = TimeSpan.FromMilliseconds(100));
        await using var open = await browser.OpenAsync(host);
        _shop.Inspection.Failure = new InspectionException(InspectionFailure.BrokerAway, "The broker (redis) cannot be asked now.");
        await Assertions.Expect(open.Page.Locator("#pulse")).ToHaveTextAsync("Broker away");
        await using var fresh = await browser.OpenAsync(host, "queues/emails");
        Assert.Equal("The broker is away", await fresh.HeadingAsync());

        _shop.Inspection.Failure = null;

        await Assertions.Expect(open.Page.Locator("#pulse")).ToHaveTextAsync("Live");
        await Assertions.Expect(fresh.Page.Locator("h1")).ToHaveTextAsync("emails");
    }

    [Fact]
    public async Task Who_may_only_look_must_see_no_orders()
    {
        await using var host = await HostAsync(static m => m.ReadOnly = true);
        foreach (var path in new[] { "queues/emails", "dead?queue=emails", "workers", "message?queue=emails&place=dead&id=key-0" })
        {
            await using var tab = await browser.OpenAsync(host, path);
            Assert.Equal(0, await tab.Page.Locator("form[method=post]").CountAsync());
            Assert.Contains("read-only", await tab.Page.Locator("footer").InnerTextAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_token_must_open_the_dashboard_until_one_signs_out()
    {
        await using var host = await HostAsync(static m =>
        {
            m.Token = "look-look-look-look";
            m.OrderToken = "order-order-order-order";
        });
        await using var tab = await browser.OpenAsync(host, "queues/emails");
        Assert.Equal("Sign in", await tab.HeadingAsync());
        Assert.DoesNotContain("emails", await tab.Page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);

        await tab.Page.GetByLabel("Token").FillAsync("wrong-wrong-wrong-wrong");
        await tab.Button("Sign in").ClickAsync();
        Assert.Equal("That is not a token of this management.", await tab.NoticeAsync());

        await tab.Page.GetByLabel("Token").FillAsync("look-look-look-look");
        await tab.Button("Sign in").ClickAsync();
        Assert.Equal("Overview", await tab.HeadingAsync());
        await tab.Link("emails").ClickAsync();
        Assert.Equal(0, await tab.Button("Pause here").CountAsync());

        await tab.Button("Sign out").ClickAsync();
        Assert.Equal("Sign in", await tab.HeadingAsync());
        await tab.Page.GetByLabel("Token").FillAsync("order-order-order-order");
        await tab.Button("Sign in").ClickAsync();
        await tab.Link("emails").ClickAsync();
        await tab.Button("Pause here").ClickAsync();
        Assert.Single(_shop.Inspection.Asked<PauseQueue>());
    }

    private Task<ManagementHost> HostAsync(Action<ManagementOptions>? configure = null) => ManagementHost.StartAsync(configure, _shop.Inspection);

    /// <summary>What a screen reader would have no name for.</summary>
    private const string Unlabelled = """
        [...document.querySelectorAll('input:not([type=hidden]), select, button, a, svg[role=img], table th')]
            .filter(one => !one.closest('[hidden]') && !(one.textContent.trim() || one.getAttribute('aria-label') || [...(one.labels || [])].some(label => label.textContent.trim())))
            .map(one => one.outerHTML).join('\n')
        """;
}
