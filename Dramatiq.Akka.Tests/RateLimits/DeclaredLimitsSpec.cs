using Akka.Hosting;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.RateLimits;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.RateLimits;

public sealed class DeclaredLimitsSpec
{
    [Fact]
    public async Task Handlers_must_never_run_beside_more_than_the_limit_allows()
    {
        var inside = 0;
        var seen = new Feed<int>();
        await using var host = await StartAsync(d => d.AddActor("report", async (int n) =>
        {
            seen.Add(Interlocked.Increment(ref inside));
            await Task.Delay(2);
            Interlocked.Decrement(ref inside);
        }, o => o.RateLimit(RateLimit.Concurrent("reports", 2))));
        await SendAsync(host, "report", 60);
        await host.JoinAsync();
        Assert.Equal(60, seen.All.Count);
        Assert.Equal(2, seen.All.Max());
    }

    [Fact]
    public async Task Messages_of_one_key_must_run_in_the_order_in_which_they_came()
    {
        var seen = new Feed<int>();
        await using var host = await StartAsync(d =>
        {
            d.Options.Queues.Prefetch = 200;
            d.AddActor("report", async (int n) =>
            {
                seen.Add(n);
                await Task.Yield();
            }, o => o.RateLimit(RateLimit.Concurrent("reports")));
        });
        await SendAsync(host, "report", 100);
        await host.JoinAsync();
        Assert.Equal(Enumerable.Range(0, 100), seen.All);
    }

    [Fact]
    public async Task Parked_messages_must_be_few_and_keep_no_neighbour_waiting()
    {
        var limited = new Feed<(int N, int Attempt, string Options)>();
        var free = new Feed<int>();
        await using var host = await StartAsync(d =>
        {
            d.Options.Queues.Prefetch = 8;
            d.Options.RateLimitGiveBackMin = TimeSpan.FromMilliseconds(100);
            d.Options.RateLimitGiveBackMax = TimeSpan.FromMilliseconds(500);
            d.AddActor("report", (int n, MessageContext context) => limited.Add((n, context.Attempt, string.Join(",", OptionsOf(context)))), o => o.RateLimit(RateLimit.Concurrent("reports")));
            d.AddActor("mail", (int n) => free.Add(n));
        });
        var outside = await RateLimiters.Get(host.System).Concurrent("reports").AcquireAsync();
        await SendAsync(host, "report", 100);
        await SendAsync(host, "mail", 50);
        await free.AtLeastAsync(50);
        Assert.Empty(limited.All);
        for (var i = 0; i < 20; i++)
        {
            Assert.InRange((await GateAsync(host)).Parked, 0, 8);
            await Task.Delay(5);
        }

        await Eventually.AssertAsync(async () => Assert.Equal((4, 1, 0), await GateAsync(host) is var gate ? (gate.Parked, gate.Keys, gate.Admitted) : default));
        Assert.True((await GateAsync(host)).GivenBack >= 96);
        await outside.DisposeAsync();
        await limited.AtLeastAsync(100);
        await host.JoinAsync();
        Assert.Equal(Enumerable.Range(0, 100), limited.All.Select(static one => one.N).Order());
        Assert.All(limited.All, static one => Assert.Equal((1, ""), (one.Attempt, one.Options)));
        Assert.Equal(100, limited.All.Count);
    }

    [Fact]
    public async Task Each_value_of_an_argument_must_have_a_limit_of_its_own()
    {
        var seen = new Feed<string>();
        await using var host = await StartAsync(d => d.AddActor("report", (string tenant, int page = 1) => seen.Add($"{tenant} {page}"), o => o.RateLimit(RateLimit.Concurrent("reports").PerArgument("tenant"))));
        var outside = await RateLimiters.Get(host.System).Concurrent("reports:a").AcquireAsync();
        await host.Queue.EnqueueAsync(new ActorCall("report", "a"));
        await host.Queue.EnqueueAsync(new ActorCall("report", "b"));
        await host.Queue.EnqueueAsync(new ActorCall("report", "a", 2));
        await host.Queue.EnqueueAsync(new ActorCall("report", "c", 7));
        await seen.AtLeastAsync(2);
        await Eventually.AssertAsync(async () => Assert.Equal((2, 1, 0), await GateAsync(host) is var gate ? (gate.Parked, gate.Keys, gate.Admitted) : default));
        Assert.Equal(["b 1", "c 7"], seen.All.Order());
        await outside.DisposeAsync();
        Assert.Equal(["a 1", "a 2"], (await seen.AtLeastAsync(4)).TakeLast(2));
    }

    [Theory]
    [InlineData("""["x","b"]""", "{}", "k:b")]
    [InlineData("""["x"]""", """{"tenant_id":"b"}""", "k:b")]
    [InlineData("""["x"]""", """{"tenant_id":7}""", "k:7")]
    [InlineData("""["x"]""", """{"tenant_id":[1,{"a":2}]}""", """k:[1,{"a":2}]""")]
    [InlineData("""["x"]""", "{}", "k:none")]
    [InlineData("""["x","\u00e9"]""", "{}", "k:é")]
    public async Task The_key_must_be_found_wherever_the_argument_is(string args, string kwargs, string key)
    {
        await using var host = await StartAsync(d => d.AddActor("report", (string a, string tenantId = "none") => { }, o => o.RateLimit(RateLimit.Concurrent("k").PerArgument("tenantId"))));
        Assert.True(host.Tasks.Declarations.TryGet("report", out var actor));
        var limit = RateLimitGate.MiddlewareOf(host.Tasks.Declarations)!.LimitOf(actor!)!;
        var message = new Dramatiq.Akka.Messages.Message("default", "report", Bytes(args), Bytes(kwargs), Dramatiq.Akka.Messages.MessageOptions.Empty, "id", 1);
        Assert.Equal(key, limit.KeyOf(message));
    }

    [Fact]
    public async Task A_slot_must_be_free_when_its_message_has_come_to_its_end_whatever_that_was()
    {
        var seen = new Feed<int>();
        await using var host = await StartAsync(d => d.AddActor("report", (int n) =>
        {
            seen.Add(n);
            if (n % 2 == 0)
                throw new InvalidOperationException("as the test wants it");
        }, o => o.RateLimit(RateLimit.Concurrent("reports")).MaxRetries(0)));
        await SendAsync(host, "report", 10);
        await host.JoinAsync(failFast: false);
        Assert.Equal(10, seen.All.Count);
        Assert.Equal(5, host.Broker.DeadLetters("default").Count);
        await Eventually.AssertAsync(async () => Assert.Equal(new RateLimitGate.Snapshot(0, 0, 0, 0), await GateAsync(host)));
        await using var free = await RateLimiters.Get(host.System).Concurrent("reports").AcquireAsync();
    }

    [Fact]
    public async Task A_bucket_must_let_its_limit_through_at_each_turn()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var seen = new Feed<int>();
        await using var host = await StartAsync(d =>
        {
            d.TimeProvider = clock;
            d.AddActor("mail", (int n) => seen.Add(n), o => o.RateLimit(RateLimit.Bucket("mails", 2, TimeSpan.FromMinutes(1))));
        }, VirtualHost.NewBroker(clock));
        await SendAsync(host, "mail", 6);
        await seen.AtLeastAsync(2);
        for (var turn = 1; turn <= 2; turn++)
        {
            await Eventually.AssertAsync(async () => Assert.Equal(6 - 2 * turn, (await GateAsync(host)).Parked));
            Assert.Equal(2 * turn, seen.All.Count);
            clock.Advance(TimeSpan.FromMinutes(1) - TimeSpan.FromTicks(clock.GetUtcNow().Ticks % TimeSpan.TicksPerMinute) - TimeSpan.FromMilliseconds(1));
            Assert.Equal(2 * turn, seen.All.Count);
            await Eventually.AssertAsync(() =>
            {
                clock.Advance(TimeSpan.FromMilliseconds(1));   // what has not read the clock yet must not make it late
                Assert.Equal(2 * turn + 2, seen.All.Count);
            });
        }
    }

    [Fact]
    public async Task A_lane_that_was_full_and_is_empty_since_must_ask_for_who_comes_back()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var seen = new Feed<int>();
        await using var host = await StartAsync(d =>
        {
            d.TimeProvider = clock;
            d.Options.RateLimitParkedFor = TimeSpan.FromSeconds(10);
            d.Options.RateLimitGiveBackMin = TimeSpan.FromSeconds(70);   // away while its bucket turns
            d.Options.RateLimitGiveBackMax = TimeSpan.FromSeconds(80);
            d.AddActor("mail", seen.Add, o => o.RateLimit(RateLimit.Bucket("mails", 1, TimeSpan.FromMinutes(1))));
        }, VirtualHost.NewBroker(clock));
        await SendAsync(host, "mail", 3);
        await Eventually.AssertAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(2));
            Assert.Equal([0, 1, 2], seen.All);
        });
    }

    [Fact]
    public async Task A_slot_that_came_free_while_nobody_was_parked_must_be_found_by_who_comes_next()
    {
        var seen = new Feed<int>();
        await using var host = await StartAsync(d =>
        {
            d.Options.RateLimitAskAgain = TimeSpan.FromMinutes(5);
            d.AddActor("report", seen.Add, o => o.RateLimit(RateLimit.Concurrent("reports")));
        });
        var held = await RateLimiters.Get(host.System).Concurrent("reports").AcquireAsync();
        await SendAsync(host, "report", 1);
        await Eventually.AssertAsync(async () => Assert.Equal(1, (await ((IInspectsQueues)host.Tasks.Broker).GetStatsAsync("default", CancellationToken.None)).InFlight));
        await host.Tasks.PauseQueueAsync("default");   // which gives the parked one back
        await held.DisposeAsync();
        await host.Tasks.ResumeQueueAsync("default");
        await Eventually.AssertAsync(() => Assert.Equal([0], seen.All));
    }

    [Fact]
    public async Task A_rush_for_one_key_must_leave_room_for_others()
    {
        var seen = new Feed<string>();
        await using var host = await StartAsync(d =>
        {
            d.Options.Queues.Prefetch = 8;
            d.Options.RateLimitGiveBackMin = TimeSpan.FromMilliseconds(50);
            d.Options.RateLimitGiveBackMax = TimeSpan.FromMilliseconds(200);
            d.AddActor("report", seen.Add, o => o.RateLimit(RateLimit.Concurrent("reports").PerArgument("item")));
        });
        var limiters = RateLimiters.Get(host.System);
        var held = new[] { await limiters.Concurrent("reports:a").AcquireAsync(), await limiters.Concurrent("reports:b").AcquireAsync() };
        await host.Queue.EnqueueManyAsync(Enumerable.Repeat<object>(new ActorCall("report", "a"), 60));
        await host.Queue.EnqueueManyAsync(Enumerable.Repeat<object>(new ActorCall("report", "b"), 2));
        await host.Queue.EnqueueAsync(new ActorCall("report", "c"));
        Assert.Equal(["c"], await seen.AtLeastAsync(1));
        await held[1].DisposeAsync();
        Assert.Equal(["c", "b", "b"], await seen.AtLeastAsync(3));
        await held[0].DisposeAsync();
        await seen.AtLeastAsync(63);
        await host.JoinAsync();
    }

    [Fact]
    public async Task A_message_must_not_be_parked_for_longer_than_a_delivery_may_be_unsettled()
    {
        var clock = new FakeTimeProvider();
        var seen = new Feed<(int N, int Deliveries)>();
        await using var backend = new InMemoryRateLimiterBackend();   // in real time, so that the slot below is held
        await using var host = await StartAsync(d =>
        {
            d.TimeProvider = clock;
            d.Options.RateLimitParkedFor = TimeSpan.FromMinutes(10);
            d.AddActor("report", (int n, MessageContext context) => seen.Add((n, context.DeliveryCount)), o => o.RateLimit(RateLimit.Concurrent("reports")));
        }, VirtualHost.NewBroker(clock), backend);
        await backend.TakeSlotAsync("reports", "outside", 1, TimeSpan.FromHours(1), TimeSpan.FromHours(1), default);
        await SendAsync(host, "report", 2);
        await Eventually.AssertAsync(async () => Assert.Equal((2, 0L), await GateAsync(host) is var gate ? (gate.Parked, gate.GivenBack) : default));
        clock.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1));
        Assert.Equal((2, 0L), await GateAsync(host) is var before ? (before.Parked, before.GivenBack) : default);
        await Eventually.AssertAsync(async () =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            Assert.Equal((2, 2L), await GateAsync(host) is var gate ? (gate.Parked, gate.GivenBack) : default);   // away, and back again
        });
        await backend.ReleaseSlotAsync("reports", "outside", TimeSpan.FromHours(1), default);
        Assert.Equal([(0, 1), (1, 1)], await seen.AtLeastAsync(2));
    }

    [Fact]
    public async Task Messages_that_are_parked_when_the_process_stops_must_be_back_in_their_queue()
    {
        var broker = new Dramatiq.Akka.Brokers.InMemory.InMemoryBroker();
        await using var backend = new InMemoryRateLimiterBackend();
        var system = ActorSystem.Create("outside", "akka.loglevel = OFF");
        var outside = await new RateLimiters(system, backend, TimeSpan.FromMinutes(5), TimeProvider.System).Concurrent("reports").AcquireAsync();
        await using (var host = await StartAsync(static d => d.AddActor("report", static (int n) => { }, static o => o.RateLimit(RateLimit.Concurrent("reports"))), broker, backend))
        {
            await SendAsync(host, "report", 3);
            await Eventually.AssertAsync(async () => Assert.Equal(3, (await GateAsync(host)).Parked));
        }

        var stats = await ((IInspectsQueues)broker).GetStatsAsync("default", CancellationToken.None);
        Assert.Equal((3, 0), (stats.Ready, stats.InFlight));
        await outside.DisposeAsync();
        var seen = new Feed<int>();
        await using var next = await StartAsync(d => d.AddActor("report", seen.Add, static o => o.RateLimit(RateLimit.Concurrent("reports"))), broker, backend);
        Assert.Equal([0, 1, 2], await seen.AtLeastAsync(3));
        await system.Terminate();
    }

    [Fact]
    public async Task A_handler_whose_slot_is_lost_must_be_told_and_its_message_go_back()
    {
        var attempts = new Feed<int>();
        var store = new CuttableBackend(new InMemoryRateLimiterBackend());
        await using var host = await StartAsync(d =>
        {
            d.Options.RateLimitLease = TimeSpan.FromMilliseconds(300);
            d.AddActor("report", async (MessageContext context, CancellationToken cancellation) =>
            {
                attempts.Add(context.Attempt);
                if (attempts.All.Count == 1)
                    await Task.Delay(Timeout.Infinite, cancellation);
            }, o => o.RateLimit(RateLimit.Concurrent("reports")));
        }, backend: store);
        await host.Queue.EnqueueAsync(new ActorCall("report"));
        await attempts.AtLeastAsync(1);
        store.Inner = new InMemoryRateLimiterBackend();   // a store that was wiped
        await attempts.AtLeastAsync(2);
        Assert.Equal([1, 1], attempts.All);
        await host.JoinAsync();
    }

    [Fact]
    public async Task A_limit_must_be_declared_in_text_too()
    {
        await using var host = await StartAsync(d =>
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
        var error = await Assert.ThrowsAsync<DeclarationException>(() => StartAsync(static d => d.AddActor("report", static (int n) => { }, static o => o.RateLimit(RateLimit.Concurrent("k").PerArgument("tenant")))));
        Assert.Equal("Actor 'report': its rate limit is per argument 'tenant', which it does not have (arguments: n). Correct the name.", error.Message);

        error = await Assert.ThrowsAsync<DeclarationException>(() => TestHost.StartAsync(static d => d.AddActor("report", static (int n) => { }, static o => o.RateLimit(RateLimit.Concurrent("k", 2)))));
        Assert.Equal(
            "Actor 'report' has the rate limit concurrent(k, 2), and no backend is named to count it. Add WithRedisRateLimits(\"redis://…\"), or WithInMemoryRateLimits() for a limit that no other process shares.",
            error.Message);

        error = await Assert.ThrowsAsync<DeclarationException>(() => StartAsync(static d => d.AddActor("report", static (int n) => { }, static o => o.Option("rate_limit", "2 at once"))));
        Assert.StartsWith("Actor 'report': option 'rate_limit' takes a RateLimit, or text such as", error.Message, StringComparison.Ordinal);
    }

    private static Task<TestHost> StartAsync(
        Action<DramatiqBuilder> configure, Dramatiq.Akka.Brokers.InMemory.InMemoryBroker? broker = null, IRateLimiterBackend? backend = null, string hocon = "") =>
        TestHost.StartAsync(
            d =>
            {
                d.Options.Queues.Workers = 4;
                d.Options.Queues.Prefetch = 20;
                configure(d);
            },
            broker,
            akka: akka =>
            {
                akka.AddHocon(hocon, HoconAddMode.Prepend);
                if (backend is null)
                    akka.WithInMemoryRateLimits();
                else
                    akka.AddSetup(new RateLimitsSetup(_ => backend, isOwned: false));
            });

    private static async Task<RateLimitGate.Snapshot> GateAsync(TestHost host) =>
        await (await host.ActorAsync("default/limits")).Ask<RateLimitGate.Snapshot>(RateLimitGate.GetSnapshot.Instance, TimeSpan.FromSeconds(10));

    private static async Task SendAsync(TestHost host, string actor, int count) =>
        await host.Queue.EnqueueManyAsync(Enumerable.Range(0, count).Select(n => (object)new ActorCall(actor, n)));

    private static IEnumerable<string> OptionsOf(MessageContext context) => Enumerable.Range(0, context.Message.Options.Count).Select(context.Message.Options.NameAt);

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
