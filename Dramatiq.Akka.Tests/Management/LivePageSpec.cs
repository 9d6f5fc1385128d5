using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Playwright;

namespace Dramatiq.Akka.Tests.Management;

/// <summary>The connection of a page that follows what happens, in a browser.</summary>
[Collection(BrowserCollection.Name)]
public sealed class LivePageSpec(Browser browser)
{
    private const string Token = "look-look-look-look";

    private readonly Shop _shop = new();

    [Fact]
    public async Task A_tab_that_nobody_sees_must_hold_no_connection_and_catch_up_when_it_is_seen()
    {
        await using var host = await HostAsync();
        await using var tab = await browser.OpenAsync(host);
        await Assertions.Expect(tab.Page.Locator("#pulse")).ToHaveTextAsync("Live");

        await tab.SetHiddenAsync(true);
        await Eventually.AssertAsync(async () =>
        {
            var asked = _shop.Inspection.Asked<GetQueues>().Count;
            await Task.Delay(400);
            Assert.Equal(asked, _shop.Inspection.Asked<GetQueues>().Count);   // nobody listens
        });
        _shop.Ready = 77_777;
        await tab.SetHiddenAsync(false);

        await Assertions.Expect(tab.Page.Locator(".tile dd").First).ToHaveTextAsync("77\u202f818");
        _shop.Ready = 88_888;
        await Assertions.Expect(tab.Page.Locator(".tile dd").First).ToHaveTextAsync("88\u202f929");
        Assert.Empty(tab.Errors);
    }

    [Theory]
    [InlineData(503)]
    [InlineData(502)]
    public async Task A_refused_connection_must_be_tried_again(int status)
    {
        await using var host = await HostAsync();
        await using var tab = await browser.OpenAsync(host, "actors");
        var refused = 0;
        await tab.Page.RouteAsync("**/api/events*", route => Interlocked.Increment(ref refused) <= 2 ? route.FulfillAsync(new RouteFulfillOptions { Status = status }) : route.ContinueAsync());
        await tab.Page.GotoAsync("");
        await Eventually.AssertAsync(() => Assert.True(refused > 2));

        _shop.Ready = 77_777;

        await Assertions.Expect(tab.Page.Locator(".tile dd").First).ToHaveTextAsync("77\u202f818");
        await Assertions.Expect(tab.Page.Locator("#pulse")).ToHaveTextAsync("Live");
    }

    [Fact]
    public async Task A_page_whose_session_is_gone_must_ask_to_sign_in()
    {
        await using var host = await HostAsync(static m => m.Token = Token);
        await using var tab = await browser.OpenAsync(host);
        await tab.Page.GetByLabel("Token").FillAsync(Token);
        await tab.Button("Sign in").ClickAsync();
        await Assertions.Expect(tab.Page.Locator("#pulse")).ToHaveTextAsync("Live");

        await tab.ClearCookiesAsync();

        await Assertions.Expect(tab.Page.Locator("h1")).ToHaveTextAsync("Sign in");
    }

    private Task<ManagementHost> HostAsync(Action<ManagementOptions>? configure = null) => ManagementHost.StartAsync(
        management =>
        {
            management.LiveInterval = TimeSpan.FromMilliseconds(100);
            configure?.Invoke(management);
        },
        _shop.Inspection);
}
