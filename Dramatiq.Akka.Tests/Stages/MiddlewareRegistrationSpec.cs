using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Stages;

public sealed class MiddlewareRegistrationSpec
{
    private const string Defaults = "GroupCallbacks, AgeLimit, TimeLimit, ShutdownNotifications, Callbacks, Pipelines, Retries, RateLimiting, SignalLog";

    [Fact]
    public async Task Defaults_must_be_dramatiqs_in_its_order()
    {
        await using var host = await VirtualHost.StartAsync(static _ => { });

        Assert.Equal(Defaults, string.Join(", ", host.Host.Tasks.Declarations.Pipeline.All.Select(static one => one.Name)));
    }

    [Fact]
    public async Task Slip_must_hold_only_what_the_actor_calls_for()
    {
        await using var host = await VirtualHost.StartAsync(static d => d
            .AddActor("plain", () => { })
            .AddActor("free", () => { }, static a => a.TimeLimit(Timeout.InfiniteTimeSpan))
            .AddActor("full", () => { }, static a => a.MaxAge(TimeSpan.FromDays(1)).NotifyShutdown().OnFailure("plain")));

        Assert.Equal(["TimeLimit", "Retries"], Declared(host, "plain").StageNames);
        Assert.Equal(["Retries"], Declared(host, "free").StageNames);
        Assert.Equal(["AgeLimit", "TimeLimit", "ShutdownNotifications", "Callbacks", "Retries"], Declared(host, "full").StageNames);
    }

    [Fact]
    public async Task Own_options_must_be_converted_once_and_prepared_for_the_stage()
    {
        var tenants = new Tenants();
        await using var host = await VirtualHost.StartAsync(
            d => d
                .AddMiddleware(tenants)
                .AddActor("work", () => { }, static a => a.Option("tenant", "acme"))
                .AddActor("other", () => { }),
            hocon: "dramatiq.actors { other { tenant = initech } }");

        Assert.Equal("ACME", Declared(host, "work").Option("tenant", "none"));
        Assert.Equal(new Tenants.Settings("ACME"), Declared(host, "work").SettingsOf<Tenants.Settings>(tenants));
        Assert.Equal(new Tenants.Settings("INITECH"), Declared(host, "other").SettingsOf<Tenants.Settings>(tenants));
    }

    [Fact]
    public async Task Value_that_an_own_option_does_not_take_must_stop_the_start() => Assert.Equal(
        "Actor 'work': option 'tenant' takes the name of a tenant, and was given '7'.",
        (await FailsAsync(static d => d.AddMiddleware(new Tenants()).AddActor("work", () => { }, static a => a.Option("tenant", 7)))).Message);

    [Fact]
    public async Task Unknown_option_must_stop_the_start_and_name_the_known_ones() => Assert.Equal(
        "Actor 'work': option 'max_retrys' is owned by no middleware. Known options: max_age, max_backoff, max_retries, min_backoff, notify_shutdown, on_failure, "
        + "on_retry_exhausted, on_success, pipe_ignore, rate_limit, retry_when, throws, time_limit. Correct the name, or add the middleware that owns it.",
        (await FailsAsync(static d => d.AddActor("work", () => { }, static a => a.Option("max_retrys", 1)))).Message);

    [Fact]
    public async Task Option_of_a_removed_middleware_must_be_unknown() => Assert.StartsWith(
        "Actor 'work': option 'max_age' is owned by no middleware.",
        (await FailsAsync(static d => d.RemoveMiddleware("AgeLimit").AddActor("work", () => { }, static a => a.MaxAge(TimeSpan.FromDays(1))))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Option_owned_twice_must_stop_the_start() => Assert.Equal(
        "Option 'max_age' is owned by two middleware; one of them is greedy. Rename the option of one.",
        (await FailsAsync(static d => d.AddMiddleware(new ScriptedMiddleware("greedy") { Owned = [ActorOption.Count("max_age")] }))).Message);

    [Fact]
    public async Task Middleware_added_twice_must_stop_the_start() => Assert.Equal(
        "Middleware one is added twice. Drop one, or give one another Name.",
        (await FailsAsync(static d => d.AddMiddleware(new ScriptedMiddleware("one")).AddMiddleware(new ScriptedMiddleware("one")))).Message);

    [Theory]
    [InlineData("Nowhere", null, "before")]
    [InlineData(null, "Nowhere", "after")]
    public async Task Place_next_to_none_must_stop_the_start(string? before, string? after, string word) => Assert.Equal(
        $"Middleware one is to come {word} Nowhere, which is not there. Known: {Defaults}.",
        (await FailsAsync(d => d.AddMiddleware(new ScriptedMiddleware("one"), before, after))).Message);

    [Fact]
    public async Task Two_places_must_be_refused() => Assert.Equal(
        "Middleware one is to come both before Retries and after TimeLimit. Give one of them.",
        (await FailsAsync(static d => d.AddMiddleware(new ScriptedMiddleware("one"), "Retries", "TimeLimit"))).Message);

    [Fact]
    public async Task Removing_what_is_not_there_must_stop_the_start() => Assert.Equal(
        "Middleware Retry cannot be removed, since it is not there. Known: GroupCallbacks, AgeLimit, TimeLimit, ShutdownNotifications, Callbacks, Pipelines, Retries, RateLimiting.",
        (await FailsAsync(static d => d.RemoveMiddleware("Retry"))).Message);

    private static DeclaredActor Declared(VirtualHost host, string name) =>
        host.Host.Tasks.Declarations.TryGet(name, out var actor) ? actor : throw new KeyNotFoundException(name);

    private static async Task<DeclarationException> FailsAsync(Action<DramatiqBuilder> configure) =>
        await Assert.ThrowsAsync<DeclarationException>(() => VirtualHost.StartAsync(configure));

    private sealed class Tenants : Middleware
    {
        public sealed record Settings(string Tenant);

        public override IReadOnlyList<ActorOption> Options { get; } =
            [ActorOption.Custom("tenant", "the name of a tenant", static value => value is string text ? text.ToUpperInvariant() : ActorOption.Refused)];

        public override object Prepare(DeclaredActor actor) => new Settings(actor.Option("tenant", "nobody"));
    }
}
