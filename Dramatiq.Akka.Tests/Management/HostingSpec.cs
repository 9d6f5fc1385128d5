using System.Diagnostics.Metrics;
using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Akka.Configuration;
using Akka.Configuration.Hocon;
using Akka.Hosting;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Management.Hosting;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dramatiq.Akka.Tests.Management;

public sealed class HostingSpec
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });

    [Fact]
    public async Task A_worker_must_listen_as_configured_and_stop_with_its_system()
    {
        Uri address;
        await using (var worker = await TestHost.StartAsync(
            static d => d.AddActor("add", static (int x, int y) => x + y),
            akka: static akka => akka.AddHocon("dramatiq.management { port = 0, path = /ops, read-only = true }", HoconAddMode.Prepend).WithManagement()))
        {
            address = ManagementNode.Get(worker.System).Address!;
            Assert.Equal(("127.0.0.1", "/ops/"), (address.Host, address.AbsolutePath));
            Assert.Equal(HttpStatusCode.OK, (await Client.GetAsync(new Uri(address, "api/actors"))).StatusCode);
            await Eventually.AssertAsync(async () => Assert.Equal(HttpStatusCode.OK, (await Client.GetAsync(new Uri(address, "health/ready"))).StatusCode));
            Assert.Equal(HttpStatusCode.OK, (await Client.GetAsync(new Uri(address, "health/live"))).StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, (await Client.PostAsync(new Uri(address, "api/queues/default/pause"), null)).StatusCode);
        }

        await Assert.ThrowsAsync<HttpRequestException>(() => Client.GetAsync(new Uri(address, "api/actors")));
    }

    [Fact]
    public async Task A_port_that_is_taken_must_not_keep_tasks_from_running()
    {
        await using var first = await ManagementHost.StartAsync();
        await using var worker = await TestHost.StartAsync(static d => d.AddActor("add", static (int x, int y) => x + y), akka: akka => akka.WithManagement(m => m.Port = first.Address.Port));

        await worker.Queue.EnqueueAsync(new ActorCall("add", 1, 2));
        await worker.JoinAsync();

        Assert.Null(ManagementNode.Get(worker.System).Address);
        await worker.Log.FirstAsync($"cannot listen on 127.0.0.1:{first.Address.Port}");   // the log is written beside the work
    }

    [Fact]
    public async Task Switched_off_it_must_not_listen()
    {
        await using var worker = await TestHost.StartAsync(static d => d.AddActor("add", static (int x, int y) => x + y), akka: static akka => akka.WithManagement(static m => m.Enabled = false));

        Assert.Null(ManagementNode.Get(worker.System).Address);
    }

    [Fact]
    public async Task In_a_web_app_a_policy_must_open_it_and_orders_must_need_their_own()
    {
        await using var running = await WebAsync(static app => app.MapDramatiq("/tasks", static m => m.OrderPolicy = "order").RequireAuthorization("look"));
        var app = running.App;

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(app, "tasks/api/actors", null));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(app, "tasks/api/actors", "nobody"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(app, "tasks/api/actors", "look"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(app, "tasks/actors", "look", "example.com"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(app, "tasks/health/live", null, "example.com"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(app, "tasks/api/queues/default/pause", "look", method: HttpMethod.Post));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(app, "tasks/api/queues/default/pause", "look,order", method: HttpMethod.Post));
    }

    [Fact]
    public async Task A_policy_to_look_alone_must_order_nothing()
    {
        await using var running = await WebAsync(static app => app.MapDramatiq().RequireAuthorization("look"));
        var app = running.App;

        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(app, "dramatiq/api/queues/default/pause", "look,order", method: HttpMethod.Post));
    }

    [Fact]
    public async Task In_a_web_app_without_a_policy_it_must_be_for_this_machine_alone()
    {
        await using var running = await WebAsync(static app => app.MapDramatiq().AllowAnonymous());
        var app = running.App;

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(app, "dramatiq/api/actors", null));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(app, "dramatiq/api/actors", null, "example.com"));
    }

    [Fact]
    public async Task In_a_web_app_settings_that_cannot_be_used_must_fail_before_it_starts()
    {
        var inCode = await Assert.ThrowsAsync<ConfigurationException>(static () => WebAsync(static app => app.MapDramatiq(configure: static m => m.Token = "twelve-chars")));
        Assert.StartsWith("dramatiq.management.token must have 16 characters or more, and has 12.", inCode.Message, StringComparison.Ordinal);
        var inHocon = await Assert.ThrowsAsync<ConfigurationException>(static () => WebAsync(static app => app.MapDramatiq(), "dramatiq.management.live-interval = soon"));
        Assert.StartsWith("dramatiq.management.live-interval must be", inHocon.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_system_that_is_late_must_not_be_missed_for_good()
    {
        await using var worker = await TestHost.StartAsync(static d => d.AddActor("add", static (int x, int y) => x + y));
        var asked = 0;
        await using var running = await WebAsync(app => ManagementEndpoints.Map(
            app, "/late", () => ++asked == 1 ? throw new InvalidOperationException("not yet") : new ManagementSite(worker.System, new ManagementOptions(), worker.Services)));

        Assert.Equal(HttpStatusCode.InternalServerError, await StatusAsync(running.App, "late/api/actors", null));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(running.App, "late/api/actors", null));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(running.App, "late/actors", null));
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task A_star_must_listen_on_every_address()
    {
        await using var host = await ManagementHost.StartAsync(static m => m.Host = "*");

        Assert.Equal("localhost", host.Address.Host);
        Assert.Equal(HttpStatusCode.OK, (await Client.GetAsync(new Uri($"http://127.0.0.1:{host.Address.Port}/health/live"))).StatusCode);
    }

    [Fact]
    public async Task A_scrape_must_have_what_the_meter_measures_and_need_the_permission_to_look()
    {
        using var meter = new Meter("Dramatiq.Akka");
        var counter = meter.CreateCounter<long>("test_scrapes");
        await using var host = await ManagementHost.StartAsync(static m => m.Token = "look-look-look-look");
        using var client = host.Browse("look-look-look-look");
        counter.Add(7, new KeyValuePair<string, object?>("queue_name", "emails"));

        Assert.Equal(HttpStatusCode.Unauthorized, (await host.Client.GetAsync(new Uri("metrics", UriKind.Relative))).StatusCode);
        using var scrape = await client.GetAsync(new Uri("metrics", UriKind.Relative));
        Assert.Contains("text/plain", scrape.Content.Headers.ContentType!.ToString(), StringComparison.Ordinal);
        Assert.Matches("""test_scrapes(_total)?\{queue_name="emails"\} 7""", await scrape.Content.ReadAsStringAsync());
    }

    [Fact]
    public void Every_key_must_be_read_and_every_option_must_write_its_key()
    {
        var leaves = Leaves(ManagementSettings.Reference.GetValue("dramatiq"), "dramatiq").Order();
        Assert.Equal(leaves, new ManagementSettings(ManagementSettings.Reference).PathsRead.Order());

        var options = new ManagementOptions
        {
            Enabled = false, Host = "*", Port = 1, Path = "/x", Token = "0123456789abcdef", OrderToken = "fedcba9876543210", ReadOnly = true, LiveInterval = TimeSpan.FromSeconds(3),
        };
        var settings = new ManagementSettings(options.ToHocon().WithFallback(ManagementSettings.Reference));
        Assert.Equal(
            (false, IPAddress.IPv6Any, 1, "/x", options.Token, options.OrderToken, true, TimeSpan.FromSeconds(3)),
            (settings.Enabled, settings.Address, settings.Port, settings.Path, settings.Token, settings.OrderToken, settings.IsReadOnly, settings.LiveInterval));
    }

    [Theory]
    [InlineData("host", "nowhere", "dramatiq.management.host must be an IP address, localhost or *, was 'nowhere'.")]
    [InlineData("port", "65536", "dramatiq.management.port must be 65535 at the most, was '65536'.")]
    [InlineData("path", "ops", "dramatiq.management.path must be a path that begins with /, was 'ops'.")]
    [InlineData("max-listeners", "0", "dramatiq.management.max-listeners must be a whole number of 1 or more, was '0'.")]
    public void What_cannot_be_used_must_be_named(string key, string value, string expected) =>
        Assert.Equal(expected, Assert.Throws<ConfigurationException>(() => new ManagementSettings(ConfigurationFactory.ParseString($"dramatiq.management.{key} = {value}").WithFallback(ManagementSettings.Reference))).Message);

    private static IEnumerable<string> Leaves(HoconValue value, string path) => value.IsObject()
        ? value.GetObject().Items.SelectMany(item => Leaves(item.Value, path + "." + item.Key))
        : [path];

    private static async Task<RunningApp> WebAsync(Action<WebApplication> map, string hocon = "")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddAuthentication("test").AddScheme<AuthenticationSchemeOptions, HeaderAuthentication>("test", null);
        builder.Services.AddAuthorization(static options =>
        {
            options.AddPolicy("look", static policy => policy.RequireRole("look"));
            options.AddPolicy("order", static policy => policy.RequireRole("order"));
        });
        builder.Services.AddAkka("web", akka => akka.AddHocon(ConfigurationFactory.ParseString(hocon), HoconAddMode.Prepend).WithDramatiq(static d => d.AddActor("add", static (int x, int y) => x + y)));
        var app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        map(app);
        await app.StartAsync();
        return new RunningApp(app);
    }

    private static async Task<HttpStatusCode> StatusAsync(WebApplication app, string path, string? roles, string? host = null, HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, new Uri(new Uri(app.Urls.First()), path));
        if (roles is not null)
            request.Headers.Add("Roles", roles);
        if (host is not null)
            request.Headers.Host = host;
        using var response = await Client.SendAsync(request);
        return response.StatusCode;
    }

    private sealed class HeaderAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Request.Headers["Roles"].ToString() is not { Length: > 0 } roles)
                return Task.FromResult(AuthenticateResult.NoResult());

            var identity = new ClaimsIdentity(roles.Split(',').Select(static role => new Claim(ClaimTypes.Role, role)), "test");
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), "test")));
        }
    }

    /// <summary>Stopped before it is disposed of, as an application that runs is: its metrics end with that, and would else be heard by later tests.</summary>
    private sealed class RunningApp(WebApplication app) : IAsyncDisposable
    {
        public WebApplication App => app;

        public async ValueTask DisposeAsync()
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }
    }
}
