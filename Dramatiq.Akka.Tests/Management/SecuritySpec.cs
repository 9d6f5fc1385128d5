using System.Net;
using System.Net.Http.Json;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Tests.Management;

public sealed class SecuritySpec
{
    private const string Token = "look-look-look-look";
    private const string OrderToken = "order-order-order-order";

    private static readonly Uri Queues = new("api/queues", UriKind.Relative);
    private static readonly Uri Pause = new("api/queues/default/pause", UriKind.Relative);

    [Fact]
    public async Task This_machine_alone_may_look_and_order_when_nothing_is_set()
    {
        await using var host = await ManagementHost.StartAsync(inspection: Inspection());

        Assert.Equal(200, (await host.GetAsync("api/queues")).Status);
        Assert.Equal(200, (await host.PostAsync("api/queues/default/pause")).Status);
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:9110")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("10.1.2.3")]
    public async Task A_name_that_was_made_to_lead_here_must_not_count_as_this_machine(string name)
    {
        await using var host = await ManagementHost.StartAsync(inspection: Inspection());
        using var request = new HttpRequestMessage(HttpMethod.Get, Queues) { Headers = { Host = name } };

        Assert.Equal(HttpStatusCode.Forbidden, (await host.Client.SendAsync(request)).StatusCode);
    }

    [Theory]
    [InlineData("X-Forwarded-For")]
    [InlineData("Forwarded")]
    [InlineData("X-Real-IP")]
    [InlineData("Via")]
    [InlineData("X-Original-For")]
    public async Task What_a_proxy_forwards_must_not_count_as_this_machine(string header)
    {
        await using var host = await ManagementHost.StartAsync(inspection: Inspection());
        using var request = new HttpRequestMessage(HttpMethod.Get, Queues);
        request.Headers.TryAddWithoutValidation(header, "127.0.0.1");

        Assert.Equal(HttpStatusCode.Forbidden, (await host.Client.SendAsync(request)).StatusCode);
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.9.9.9", true)]
    [InlineData("[::1]", true)]
    [InlineData("", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("0.0.0.0", false)]
    public void Only_names_that_nobody_else_can_give_must_be_names_of_this_machine(string host, bool expected) =>
        Assert.Equal(expected, Dramatiq.Akka.Management.Security.Loopback.Names(new Microsoft.AspNetCore.Http.HostString(host)));

    [Theory]
    [InlineData(null)]
    [InlineData("wrong-wrong-wrong-wrong")]
    [InlineData("look-look-look-loo")]
    [InlineData("")]
    public async Task Without_the_token_nothing_must_be_told(string? token)
    {
        await using var host = await ManagementHost.StartAsync(static m => m.Token = Token, Inspection());
        using var client = host.Browse(token);
        foreach (var path in new[] { "api/queues", "api/node", "api/commands", "api/events", "api/nothing", "api/messages/1" })
        {
            using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
            var text = await response.Content.ReadAsStringAsync();
            Assert.Equal((HttpStatusCode.Unauthorized, "Bearer realm=\"dramatiq\""), (response.StatusCode, response.Headers.WwwAuthenticate.ToString()));
            Assert.DoesNotContain("default", text, StringComparison.Ordinal);
            Assert.DoesNotContain(Token, text, StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await client.PostAsJsonAsync(Pause, new { })).StatusCode);
    }

    [Fact]
    public async Task A_token_to_look_must_not_order_and_an_order_token_may_both()
    {
        var inspection = Inspection();
        await using var host = await ManagementHost.StartAsync(
            static m =>
            {
                m.Token = Token;
                m.OrderToken = OrderToken;
                m.AddCommand("cache flush", "Flushes.", static () => "flushed").AddCommand("cache size", "Tells.", static () => "7", isOrder: false);
            },
            inspection);
        using var looks = host.Browse(Token);
        using var orders = host.Browse(OrderToken);

        Assert.Equal(200, (await host.GetAsync("api/queues", looks)).Status);
        Assert.Equal(403, (await host.PostAsync("api/queues/default/pause", client: looks)).Status);
        Assert.Equal(403, (await host.PostAsync("api/commands/cache%20flush", client: looks)).Status);
        Assert.Equal(200, (await host.PostAsync("api/commands/cache%20size", client: looks)).Status);
        Assert.Empty(inspection.Asked<PauseQueue>());
        Assert.Equal(200, (await host.GetAsync("api/queues", orders)).Status);
        Assert.Equal(200, (await host.PostAsync("api/queues/default/pause", client: orders)).Status);
    }

    [Fact]
    public async Task Nobody_must_order_with_a_token_to_look_alone()
    {
        await using var host = await ManagementHost.StartAsync(static m => m.Token = Token, Inspection());
        using var client = host.Browse(Token);

        Assert.Equal(403, (await host.PostAsync("api/queues/default/pause", client: client)).Status);
    }

    [Fact]
    public async Task Read_only_must_refuse_every_order()
    {
        var inspection = Inspection();
        await using var host = await ManagementHost.StartAsync(
            static m =>
            {
                m.OrderToken = OrderToken;
                m.ReadOnly = true;
                m.AddCommand("cache flush", "Flushes.", static () => "flushed");
            },
            inspection);
        using var client = host.Browse(OrderToken);
        foreach (var command in Dramatiq.Akka.Management.Api.BuiltInCommands.All.Where(static command => command.Description.IsOrder))
        {
            var (status, body) = await host.PostAsync(command.Description.Path.Replace("{queue}", "default", StringComparison.Ordinal), client: client);
            Assert.Equal((403, "This management is read-only (dramatiq.management.read-only)."), (status, (string?)body!["detail"]));
        }

        Assert.Equal(403, (await host.PostAsync("api/commands/cache%20flush", client: client)).Status);
        Assert.Equal(200, (await host.GetAsync("api/queues", client)).Status);
        Assert.Empty(inspection.Asked<IOrder>());
    }

    [Theory]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "http://127.0.0.1:1")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task Another_site_must_neither_order_nor_read(string header, string value)
    {
        var inspection = Inspection();
        await using var host = await ManagementHost.StartAsync(inspection: inspection);
        foreach (var request in new[] { new HttpRequestMessage(HttpMethod.Post, Pause) { Content = JsonContent.Create(new { }) }, new HttpRequestMessage(HttpMethod.Get, Queues) })
            using (request)
            {
                request.Headers.TryAddWithoutValidation(header, value);
                Assert.Equal(HttpStatusCode.Forbidden, (await host.Client.SendAsync(request)).StatusCode);
            }

        Assert.Empty(inspection.Asked<IQuestion>());
    }

    [Fact]
    public async Task The_site_itself_must_be_let_through()
    {
        await using var host = await ManagementHost.StartAsync(inspection: Inspection());
        using var request = new HttpRequestMessage(HttpMethod.Post, Pause) { Content = JsonContent.Create(new { }) };
        request.Headers.TryAddWithoutValidation("Origin", host.Address.GetLeftPart(UriPartial.Authority));

        Assert.Equal(HttpStatusCode.OK, (await host.Client.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task A_form_of_another_site_must_not_pass_for_json()
    {
        var inspection = Inspection();
        await using var host = await ManagementHost.StartAsync(inspection: inspection);
        using var form = new StringContent("{\"everywhere\":true}", System.Text.Encoding.UTF8, "text/plain");

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await host.Client.PostAsync(Pause, form)).StatusCode);
        Assert.Empty(inspection.Asked<PauseQueue>());
    }

    [Fact]
    public async Task Every_answer_must_carry_the_headers_that_lock_browsers_in()
    {
        await using var host = await ManagementHost.StartAsync(inspection: Inspection());
        foreach (var path in new[] { "api/queues", "api/nothing", "health/live", "nowhere" })
        {
            using var response = await host.Client.GetAsync(new Uri(path, UriKind.Relative));
            var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Equal(("nosniff", "same-origin", false), (response.Headers.GetValues("X-Content-Type-Options").Single(), response.Headers.GetValues("Referrer-Policy").Single(), response.Headers.Contains("Server")));
        }
    }

    [Fact]
    public async Task Where_the_broker_is_and_its_password_must_not_be_told()
    {
        const string told = "It was not possible to connect to redis://me:hunter2@10.1.2.3:6379/0, password=hunter3, see /etc/redis/redis.conf";
        var inspection = new ScriptedInspection { Failure = new InspectionException(InspectionFailure.BrokerAway, told) };
        await using var host = await ManagementHost.StartAsync(inspection: inspection);

        var (status, body) = await host.GetAsync("api/queues");

        Assert.Equal(503, status);
        foreach (var secret in new[] { "hunter2", "hunter3", "10.1.2.3", "6379", "/etc" })
            Assert.DoesNotContain(secret, body!.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("at Jobs.Run() in /home/ci/build/src/Jobs.cs:line 12", "at Jobs.Run() in Jobs.cs:line 12")]
    [InlineData("at Jobs.Run() in C:\\build\\src\\Jobs.cs:line 12", "at Jobs.Run() in Jobs.cs:line 12")]
    [InlineData("File \"/app/tasks.py\", line 3", "File \"tasks.py\", line 3")]
    [InlineData("Host=db;Username=me;Password=hunter2;Database=x", "Host=db;Username=me;Password=***;Database=x")]
    [InlineData("amqp://me:hunter2@db/", "amqp://***@db/")]
    [InlineData("Authorization: Bearer eyJhbGciOi.x-y_z, then", "Authorization: Bearer ***, then")]
    [InlineData("{\"Authorization\":\"Basic bWU6aHVudGVyMg==\"}", "{\"Authorization\":\"Basic ***\"}")]
    [InlineData("GET /api/users/5: 404", "GET /api/users/5: 404")]
    [InlineData("cannot copy /srv/in box/a.csv and /srv/out/b.csv", "cannot copy a.csv and b.csv")]
    [InlineData("GET https://example.com/a/b failed and/or timed out at 12:30:15", "GET https://example.com/a/b failed and/or timed out at 12:30:15")]
    public void Errors_must_lose_secrets_and_folders_and_nothing_else(string text, string expected) =>
        Assert.Equal(expected, Dramatiq.Akka.Management.Security.Redaction.Of(text));

    [Theory]
    [InlineData("/ ")]
    [InlineData("/a ")]
    [InlineData("a")]
    [InlineData("a.b-")]
    [InlineData("C:\\a ")]
    public void A_long_error_must_be_cut_and_take_no_longer_for_what_stands_in_it(string part)
    {
        var text = string.Concat(Enumerable.Repeat(part, 1_000_000 / part.Length));
        var start = TimeProvider.System.GetTimestamp();

        var shown = Dramatiq.Akka.Management.Security.Redaction.OfBroker(text)!;

        Assert.InRange(shown.Length, 0, 33_000);
        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(5), "It takes longer the longer it is.");
    }

    [Fact]
    public void A_cut_must_not_bare_half_of_a_password() => Assert.DoesNotContain(
        "hunter", Dramatiq.Akka.Management.Security.Redaction.Of(new string('x', 32_750) + " amqp://me:hunter2-and-more@db/")!, StringComparison.Ordinal);

    [Fact]
    public async Task A_token_that_is_too_short_must_be_refused_without_repeating_it()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(static () => ManagementHost.StartAsync(static m => m.Token = "short"));

        Assert.Contains("dramatiq.management.token must have 16 characters or more", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("'short'", error.ToString(), StringComparison.Ordinal);
    }

    private static ScriptedInspection Inspection() => new ScriptedInspection()
        .On<GetQueues>(static _ => new QueueList([]))
        .On<GetNode>(static _ => throw new InspectionException(InspectionFailure.NotRunning, "default"))
        .On<PauseQueue>(static pause => new QueuePauses(pause.Queue, true, false));
}
