using System.Net;
using System.Text.RegularExpressions;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Tests.Management;

/// <summary>Forms as somebody else's page would send them.</summary>
public sealed partial class FormSpec
{
    private readonly Shop _shop = new();

    [Theory]
    [InlineData(null)]
    [InlineData("made-up")]
    public async Task A_form_without_the_token_of_its_page_must_do_nothing(string? token)
    {
        await using var host = await ManagementHost.StartAsync(inspection: _shop.Inspection);
        using var client = host.Browse();
        await client.GetAsync(new Uri("queues/emails", UriKind.Relative));

        using var answer = await PostAsync(client, token, ("order", "pause"), ("queue", "emails"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Empty(_shop.Inspection.Asked<PauseQueue>());
    }

    [Fact]
    public async Task A_token_without_its_cookie_must_do_nothing()
    {
        await using var host = await ManagementHost.StartAsync(inspection: _shop.Inspection);
        using var mine = host.Browse();
        using var other = host.Browse();

        using var answer = await PostAsync(other, await TokenAsync(mine), ("order", "pause"), ("queue", "emails"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Empty(_shop.Inspection.Asked<PauseQueue>());
    }

    [Fact]
    public async Task Two_processes_on_one_host_must_leave_each_others_forms_and_sessions_alone()
    {
        await using var one = await ManagementHost.StartAsync(static m => m.OrderToken = "one-one-one-one-one", _shop.Inspection);
        await using var other = await ManagementHost.StartAsync(static m => m.OrderToken = "other-other-other", _shop.Inspection);
        var jar = new CookieContainer();   // like a browser's, it knows no ports
        using var mine = one.Browse(jar);
        using var theirs = other.Browse(jar);
        Assert.Equal(HttpStatusCode.SeeOther, (await SignInAsync(mine, "one-one-one-one-one")).StatusCode);
        Assert.Equal(HttpStatusCode.SeeOther, (await SignInAsync(theirs, "other-other-other")).StatusCode);
        var (first, second) = (await TokenAsync(mine), await TokenAsync(theirs));

        using var here = await PostAsync(mine, first, ("order", "pause"), ("queue", "emails"));
        using var there = await PostAsync(theirs, second, ("order", "pause"), ("queue", "emails"));

        Assert.Equal((HttpStatusCode.SeeOther, HttpStatusCode.SeeOther), (here.StatusCode, there.StatusCode));
    }

    [Theory]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    public async Task A_form_of_another_site_must_do_nothing_even_with_a_token(string header, string value)
    {
        await using var host = await ManagementHost.StartAsync(inspection: _shop.Inspection);
        using var client = host.Browse();
        var token = await TokenAsync(client);
        client.DefaultRequestHeaders.TryAddWithoutValidation(header, value);

        using var answer = await PostAsync(client, token, ("order", "pause"), ("queue", "emails"));

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Empty(_shop.Inspection.Asked<PauseQueue>());
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("")]
    public async Task An_order_must_lead_nowhere_but_back_here(string back)
    {
        await using var host = await ManagementHost.StartAsync(inspection: _shop.Inspection);
        using var client = host.Browse();

        using var answer = await PostAsync(client, await TokenAsync(client), ("order", "pause"), ("queue", "emails"), ("back", back));

        Assert.Equal((HttpStatusCode.SeeOther, "/?said=pause&n=0"), (answer.StatusCode, answer.Headers.Location!.ToString()));
    }

    [Theory]
    [InlineData("requeue", 400)]
    [InlineData("explode", 400)]
    [InlineData("", 400)]
    public async Task What_is_no_order_must_be_refused(string order, int expected)
    {
        await using var host = await ManagementHost.StartAsync(inspection: _shop.Inspection);
        using var client = host.Browse();

        using var answer = await PostAsync(client, await TokenAsync(client), ("order", order), ("queue", "emails"));

        Assert.Equal(expected, (int)answer.StatusCode);
        Assert.Empty(_shop.Inspection.Asked<IOrder>());
    }

    [Fact]
    public async Task Beneath_a_path_every_link_must_stay_beneath_it()
    {
        await using var host = await ManagementHost.StartAsync(static m => m.Path = "/jobs/", _shop.Inspection);
        foreach (var path in new[] { "", "queues/emails", "dead?queue=emails", "message?queue=emails&place=dead&id=key-0", "workers", "actors" })
        {
            var html = await host.Client.GetStringAsync(new Uri(path, UriKind.Relative));
            Assert.All(Addresses().Matches(html), static address => Assert.StartsWith("/jobs/", WebUtility.HtmlDecode(address.Groups[1].Value).Replace("#main", "/jobs/#main", StringComparison.Ordinal), StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_page_must_ask_for_no_more_than_a_page()
    {
        await using var host = await ManagementHost.StartAsync(inspection: _shop.Inspection);

        await host.Client.GetStringAsync(new Uri("queues/emails?place=dead", UriKind.Relative));
        await host.Client.GetStringAsync(new Uri("dead?queue=emails", UriKind.Relative));

        Assert.All(_shop.Inspection.Asked<GetMessages>(), static question => Assert.Equal((50, 0L), (question.Count, question.Offset)));
    }

    [Fact]
    public async Task Nothing_of_a_folder_or_a_server_must_be_on_a_page()
    {
        await using var host = await ManagementHost.StartAsync(inspection: _shop.Inspection);

        var message = await host.Client.GetStringAsync(new Uri("message?queue=emails&place=dead&id=key-0", UriKind.Relative));
        var workers = await host.Client.GetStringAsync(new Uri("workers", UriKind.Relative));

        Assert.Contains("SmtpGateway.cs:line 88", message, StringComparison.Ordinal);
        Assert.DoesNotContain("/home/ci", message, StringComparison.Ordinal);
        Assert.DoesNotContain("10.0.0.7", workers, StringComparison.Ordinal);
    }

    private static async Task<string> TokenAsync(HttpClient client)
    {
        using var page = await client.GetAsync(new Uri("queues/emails", UriKind.Relative));
        return Token().Match(await page.Content.ReadAsStringAsync()) is { Success: true } found ? found.Groups[1].Value : throw new InvalidOperationException("The page has no form.");
    }

    private static async Task<HttpResponseMessage> SignInAsync(HttpClient client, string token) => await client.PostAsync(
        new Uri("sign-in", UriKind.Relative), new FormUrlEncodedContent([KeyValuePair.Create("token", token), KeyValuePair.Create("form-token", await TokenAsync(client))]));

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string? token, params (string Name, string Value)[] fields) => client.PostAsync(
        new Uri("orders", UriKind.Relative),
        new FormUrlEncodedContent([.. fields.Select(static field => KeyValuePair.Create(field.Name, field.Value)), .. token is null ? [] : new[] { KeyValuePair.Create("form-token", token) }]));

    [GeneratedRegex("name=\"form-token\" value=\"([^\"]+)\"")]
    private static partial Regex Token();

    [GeneratedRegex("(?:href|action|src|data-events)=\"([^\"]+)\"")]
    private static partial Regex Addresses();
}
