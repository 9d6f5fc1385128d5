using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Playwright;

namespace Dramatiq.Akka.Tests.Management;

/// <summary>Each page, in a browser.</summary>
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

        await tab.HeadingIsAsync(heading);
        Assert.Equal(1, await tab.Page.Locator("main").CountAsync());
        Assert.Equal(1, await tab.Page.GetByRole(AriaRole.Navigation, new PageGetByRoleOptions { Name = "Main" }).CountAsync());
        Assert.Empty(tab.Errors);
        Assert.Equal("", await tab.Page.EvaluateAsync<string>(Unlabelled));
    }

    [Theory]
    [InlineData("")]
    [InlineData("queues/emails?place=delayed&actorName=send_receipt")]
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
            await tab.HeadingIsAsync(title);
            await Assertions.Expect(tab.Page.Locator("nav[aria-label=Main] [aria-current=page]")).ToHaveTextAsync(title);
        }

        await tab.Link("emails").ClickAsync();
        await tab.Page.Locator("td.id a").First.ClickAsync();
        await tab.HeadingIsAsync("send_receipt");
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
    public async Task A_message_must_be_found_by_its_id_from_any_page()
    {
        await using var host = await HostAsync();
        await using var tab = await browser.OpenAsync(host, "workers");

        await tab.Page.GetByLabel("Find a message by id").FillAsync(" import/2026/1 ");
        await tab.Page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(tab.Page.Locator("h1")).ToHaveTextAsync("send_receipt");
        Assert.Equal(new GetMessage("import/2026/1"), Assert.Single(_shop.Inspection.Asked<GetMessage>()));
    }

    [Theory]
    [InlineData("ready")]
    [InlineData("delayed")]
    [InlineData("inHand")]
    [InlineData("dead")]
    public async Task Messages_of_a_queue_must_be_found_by_a_filter(string place)
    {
        await using var host = await HostAsync();
        await using var tab = await browser.OpenAsync(host, "queues/emails?place=" + place);

        await tab.Page.GetByLabel("In the arguments").FillAsync("nowhere");
        await tab.Page.GetByLabel("Actor").FillAsync("send_receipt");
        await tab.Page.Keyboard.PressAsync("Enter");

        Assert.Equal("None of the messages that were looked at match.", await tab.Page.Locator(".empty").InnerTextAsync());
        Assert.Equal((place, "nowhere"), (await tab.Page.Locator("input[name=place]").First.GetAttributeAsync("value"), await tab.Page.GetByLabel("In the arguments").InputValueAsync()));
        Assert.Equal(new MessageFilter { ActorName = "send_receipt", Text = "nowhere" }, _shop.Inspection.Asked<GetMessages>()[^1].Filter);
        await tab.Link("Clear").ClickAsync();
        Assert.Null(_shop.Inspection.Asked<GetMessages>()[^1].Filter);
        Assert.Empty(tab.Errors);
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
        await fresh.HeadingIsAsync("The broker is away");

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
        await tab.HeadingIsAsync("Sign in");
        Assert.DoesNotContain("emails", await tab.Page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);

        await tab.Page.GetByLabel("Token").FillAsync("wrong-wrong-wrong-wrong");
        await tab.Button("Sign in").ClickAsync();
        Assert.Equal("That is not a token of this management.", await tab.NoticeAsync());

        await tab.Page.GetByLabel("Token").FillAsync("look-look-look-look");
        await tab.Button("Sign in").ClickAsync();
        await tab.HeadingIsAsync("Overview");
        await tab.Link("emails").ClickAsync();
        Assert.Equal(0, await tab.Button("Pause here").CountAsync());

        await tab.Button("Sign out").ClickAsync();
        await tab.HeadingIsAsync("Sign in");
        await tab.Page.GetByLabel("Token").FillAsync("order-order-order-order");
        await tab.Button("Sign in").ClickAsync();
        await tab.Link("emails").ClickAsync();
        await tab.Button("Pause here").ClickAsync();
        Assert.StartsWith("The queue is paused.", await tab.NoticeAsync(), StringComparison.Ordinal);
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
