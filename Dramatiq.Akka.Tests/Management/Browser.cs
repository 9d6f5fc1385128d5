using Microsoft.Playwright;

namespace Dramatiq.Akka.Tests.Management;

/// <summary>Debian's Chromium, without a window; scripts/install-test-servers.sh installs it.</summary>
public sealed class Browser : IAsyncLifetime
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async Task InitializeAsync()
    {
        Assertions.SetDefaultExpectTimeout(60_000);   // a page that tries again by itself does so each 5 s
        _playwright = await Playwright.CreateAsync().WaitAsync(Patience);
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Environment.GetEnvironmentVariable("DRAMATIQ_TEST_CHROMIUM") ?? "/usr/bin/chromium",
            Timeout = 120_000,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
        }).WaitAsync(Patience);
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
            await CloseAsync(_browser.DisposeAsync());
        _playwright?.Dispose();
    }

    /// <summary>Now and then Chromium does not say that it has closed a tab which was about to go elsewhere. It goes with the browser, and the browser with its driver.</summary>
    internal static async ValueTask CloseAsync(ValueTask closing)
    {
        try
        {
            await closing.AsTask().WaitAsync(TimeSpan.FromSeconds(10));
        }
        catch (TimeoutException)
        {
            Console.Error.WriteLine("Chromium did not close in time.");
        }
    }

    /// <summary>A tab with cookies of its own, that remembers what went wrong in it.</summary>
    internal async Task<Tab> OpenAsync(ManagementHost host, string path = "", int width = 1280, int height = 800, bool isDark = false)
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = host.Address.ToString(),
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
        }).WaitAsync(Patience);
        context.SetDefaultTimeout(60_000);
        var tab = new Tab(context, await context.NewPageAsync().WaitAsync(Patience));
        await tab.Page.GotoAsync(path);
        return tab;
    }
}

/// <summary>A tab, and the errors on its console: a script that fails and a policy that is broken are there.</summary>
internal sealed class Tab : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _errors = [];

    public Tab(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
        page.Console += (_, line) =>
        {
            // A status of 4xx or 5xx is written there too, and is what some tests want.
            if (line.Type == "error" && !line.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
                _errors.Add(line.Text);
        };
        page.PageError += (_, error) => _errors.Add(error);
    }

    public IPage Page { get; }

    public IReadOnlyList<string> Errors => _errors;

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name, Exact = true });

    public ILocator Link(string name) => Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = name, Exact = true });

    public Task<string> NoticeAsync() => Page.Locator("p.notice").First.InnerTextAsync();

    /// <summary>Waits for it: a click may be over before its page has gone.</summary>
    public Task HeadingIsAsync(string text) => Assertions.Expect(Page.Locator("h1")).ToHaveTextAsync(text);

    /// <summary>Puts another tab before it, or takes that away: a browser without a window has no tabs that hide each other.</summary>
    public Task SetHiddenAsync(bool isHidden) => Page.EvaluateAsync(
        "hidden => { Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden }); document.dispatchEvent(new Event('visibilitychange')); }", isHidden);

    public Task ClearCookiesAsync() => _context.ClearCookiesAsync();

    public ValueTask DisposeAsync() => Browser.CloseAsync(_context.DisposeAsync());
}

/// <summary>One browser for all who need one.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserCollection : ICollectionFixture<Browser>
{
    public const string Name = "browser";
}
