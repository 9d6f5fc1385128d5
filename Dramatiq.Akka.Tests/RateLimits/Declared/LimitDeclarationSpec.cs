using Dramatiq.Akka.RateLimits;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.RateLimits.Declared;

/// <summary>How a limit is declared, and by what its key is found.</summary>
public sealed class LimitDeclarationSpec
{
    [Theory]
    [InlineData("""["x","b"]""", "{}", "k:b")]
    [InlineData("""["x"]""", """{"tenant_id":"b"}""", "k:b")]
    [InlineData("""["x"]""", """{"tenant_id":7}""", "k:7")]
    [InlineData("""["x"]""", """{"tenant_id":[1,{"a":2}]}""", """k:[1,{"a":2}]""")]
    [InlineData("""["x"]""", "{}", "k:none")]
    [InlineData("""["x","\u00e9"]""", "{}", "k:é")]
    public async Task The_key_must_be_found_wherever_the_argument_is(string args, string kwargs, string key)
    {
        await using var host = await LimitsHost.StartAsync(d => d.AddActor("report", (string a, string tenantId = "none") => { }, o => o.RateLimit(RateLimit.Concurrent("k").PerArgument("tenantId"))));
        Assert.True(host.Tasks.Declarations.TryGet("report", out var actor));
        var limit = RateLimitGate.MiddlewareOf(host.Tasks.Declarations)!.LimitOf(actor!)!;
        var message = new Dramatiq.Akka.Messages.Message("default", "report", Bytes(args), Bytes(kwargs), Dramatiq.Akka.Messages.MessageOptions.Empty, "id", 1);
        Assert.Equal(key, limit.KeyOf(message));
    }

    public enum Plan
    {
        Free,
        Gold,
    }

    [Fact]
    public async Task An_argument_that_is_left_out_must_have_the_key_of_one_that_is_given()
    {
        await using var host = await LimitsHost.StartAsync(d => d
            .AddActor("flag", (bool on = true) => { }, o => o.RateLimit(RateLimit.Concurrent("k").PerArgument("on")))
            .AddActor("plan", (Plan plan = Plan.Gold) => { }, o => o.RateLimit(RateLimit.Concurrent("k").PerArgument("plan")))
            .AddActor("rate", (double rate = 1) => { }, o => o.RateLimit(RateLimit.Concurrent("k").PerArgument("rate")))
            .AddActor("nobody", (string? who = null) => { }, o => o.RateLimit(RateLimit.Concurrent("k").PerArgument("who")))
            .AddActor("id", (Guid id = default) => { }, o => o.RateLimit(RateLimit.Concurrent("k").PerArgument("id"))));
        foreach (var (actor, value) in new (string, object?)[] { ("flag", true), ("plan", Plan.Gold), ("rate", 1.0), ("nobody", null), ("id", Guid.Empty) })
        {
            Assert.True(host.Tasks.Declarations.TryGet(actor, out var declared));
            var limit = RateLimitGate.MiddlewareOf(host.Tasks.Declarations)!.LimitOf(declared!)!;
            var writer = new Dramatiq.Akka.Messages.WireWriter();
            Dramatiq.Akka.Messages.WireJson.Default.Write(writer, new[] { value });
            Dramatiq.Akka.Messages.Message With(byte[] args) => new("default", actor, args, Bytes("{}"), Dramatiq.Akka.Messages.MessageOptions.Empty, "id", 1);
            Assert.Equal(limit.KeyOf(With(writer.Written.ToArray())), limit.KeyOf(With(Bytes("[]"))));
        }
    }

    [Fact]
    public async Task A_limit_must_be_declared_in_text_too()
    {
        await using var host = await LimitsHost.StartAsync(d =>
        {
            d.AddActor("configured", static (int n) => { });
            d.AddActor<Indexer>(static a => a.Handles<Index>());
        }, hocon: "dramatiq.actors.configured.rate-limit = \"bucket(mails, 3, 1s)\"");
        Assert.Equal("bucket(mails, 3, 1000ms)", LimitOf(host, "configured"));
        Assert.Equal("concurrent(index, 2) per site", LimitOf(host, "index"));
    }

    [Fact]
    public async Task What_is_declared_wrongly_must_stop_the_start_and_be_named()
    {
        var error = await Assert.ThrowsAsync<DeclarationException>(() => LimitsHost.StartAsync(static d => d.AddActor("report", static (int n) => { }, static o => o.RateLimit(RateLimit.Concurrent("k").PerArgument("tenant")))));
        Assert.Equal("Actor 'report': its rate limit is per argument 'tenant', which it does not have (arguments: n). Correct the name.", error.Message);

        error = await Assert.ThrowsAsync<DeclarationException>(() => TestHost.StartAsync(static d => d.AddActor("report", static (int n) => { }, static o => o.RateLimit(RateLimit.Concurrent("k", 2)))));
        Assert.Equal(
            "Actor 'report' has the rate limit concurrent(k, 2), and no backend is named to count it. Add WithRedisRateLimits(\"redis://…\"), or WithInMemoryRateLimits() for a limit that no other process shares.",
            error.Message);

        error = await Assert.ThrowsAsync<DeclarationException>(() => LimitsHost.StartAsync(static d => d.AddActor("report", static (int n) => { }, static o => o.Option("rate_limit", "2 at once"))));
        Assert.StartsWith("Actor 'report': option 'rate_limit' takes a RateLimit, or text such as", error.Message, StringComparison.Ordinal);
    }

    private static string LimitOf(TestHost host, string name) =>
        host.Tasks.Declarations.TryGet(name, out var actor) ? $"{RateLimitGate.MiddlewareOf(host.Tasks.Declarations)!.LimitOf(actor)?.Limit}" : "no such actor";

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    [Task(RateLimit = "concurrent(index, 2) per site")]
    public sealed record Index(string Site);

    public sealed class Indexer : TaskActor
    {
        public Indexer() => Receive<Index>(static _ => { });
    }
}
