using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.RateLimits;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.RateLimits.Declared;

/// <summary>What becomes of messages that wait for room.</summary>
public sealed class ParkingSpec
{
    [Fact]
    public async Task Parked_messages_must_be_few_and_keep_no_neighbour_waiting()
    {
        var limited = new Feed<(int N, int Attempt, string Options)>();
        var free = new Feed<int>();
        await using var host = await LimitsHost.StartAsync(d =>
        {
            d.Options.Queues.Prefetch = 8;
            d.Options.RateLimitGiveBackMin = TimeSpan.FromMilliseconds(100);
            d.Options.RateLimitGiveBackMax = TimeSpan.FromMilliseconds(500);
            d.AddActor("report", (int n, MessageContext context) => limited.Add((n, context.Attempt, string.Join(",", OptionsOf(context)))), o => o.RateLimit(RateLimit.Concurrent("reports")));
            d.AddActor("mail", (int n) => free.Add(n));
        });
        var outside = await RateLimiters.Get(host.System).Concurrent("reports").AcquireAsync();
        await LimitsHost.SendAsync(host, "report", 100);
        await LimitsHost.SendAsync(host, "mail", 50);
        await free.AtLeastAsync(50);
        Assert.Empty(limited.All);
        for (var i = 0; i < 20; i++)
        {
            Assert.InRange((await LimitsHost.GateAsync(host)).Parked, 0, 8);
            await Task.Delay(5);
        }

        await Eventually.AssertAsync(async () => Assert.Equal((4, 1, 0), await LimitsHost.GateAsync(host) is var gate ? (gate.Parked, gate.Keys, gate.Admitted) : default));
        Assert.True((await LimitsHost.GateAsync(host)).GivenBack >= 96);
        await outside.DisposeAsync();
        await limited.AtLeastAsync(100);
        await host.JoinAsync();
        Assert.Equal(Enumerable.Range(0, 100), limited.All.Select(static one => one.N).Order());
        Assert.All(limited.All, static one => Assert.Equal((1, ""), (one.Attempt, one.Options)));
        Assert.Equal(100, limited.All.Count);
    }

    [Fact]
    public async Task Messages_that_find_no_room_again_must_make_ever_fewer_trips()
    {
        const int messages = 40, minutes = 10;
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var seen = new Feed<int>();
        await using var backend = new InMemoryRateLimiterBackend();   // in real time, so that the slot below is held
        await using var host = await LimitsHost.StartAsync(d =>
        {
            d.TimeProvider = clock;
            d.Options.Queues.Prefetch = 8;
            d.AddActor("report", seen.Add, o => o.RateLimit(RateLimit.Concurrent("reports")));
        }, VirtualHost.NewBroker(clock), backend);
        await backend.TakeSlotAsync("reports", "outside", 1, TimeSpan.FromHours(1), TimeSpan.FromHours(1), default);
        await LimitsHost.SendAsync(host, "report", messages);
        await Eventually.AssertAsync(async () => Assert.True((await LimitsHost.GateAsync(host)).GivenBack >= messages - 8));
        for (var second = 0; second < minutes * 60; second++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await LimitsHost.GateAsync(host);
            await Task.Delay(1);
        }

        Assert.InRange((await LimitsHost.GateAsync(host)).GivenBack, messages, messages * (10 + minutes));
        await backend.ReleaseSlotAsync("reports", "outside", TimeSpan.FromHours(1), default);
        await Eventually.AssertAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(Enumerable.Range(0, messages), seen.All.Order());
        });
    }

    [Fact]
    public async Task Room_must_not_be_taken_ahead_of_the_workers()
    {
        var (busy, free, began) = (new TaskCompletionSource(), new TaskCompletionSource(), new Feed<int>());
        await using var host = await LimitsHost.StartAsync(d =>
        {
            d.AddActor("long", async (int _) => await busy.Task);
            d.AddActor("report", async (int n) =>
            {
                began.Add(n);
                await free.Task;
            }, o => o.RateLimit(RateLimit.Concurrent("reports", 3)));
        });
        await LimitsHost.SendAsync(host, "long", 4);
        await LimitsHost.SendAsync(host, "report", 6);
        await Eventually.AssertAsync(async () => Assert.Equal((5, 1), await LimitsHost.GateAsync(host) is var gate ? (gate.Parked, gate.Admitted) : default));
        var others = RateLimiters.Get(host.System).Concurrent("reports", 3);
        Assert.Equal(2, (await Task.WhenAll(Enumerable.Range(0, 2).Select(async _ =>
        {
            await using var slot = await others.TryAcquireAsync();
            return slot is not null;
        }))).Count(static taken => taken));
        Assert.Empty(began.All);

        busy.SetResult();
        await began.AtLeastAsync(3);
        free.SetResult();
        await host.JoinAsync();
        Assert.Equal(Enumerable.Range(0, 6), began.All.Order());
    }

    [Fact]
    public async Task A_lane_that_was_full_and_is_empty_since_must_ask_for_who_comes_back()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var seen = new Feed<int>();
        await using var host = await LimitsHost.StartAsync(d =>
        {
            d.TimeProvider = clock;
            d.Options.RateLimitParkedFor = TimeSpan.FromSeconds(10);
            d.Options.RateLimitGiveBackMin = TimeSpan.FromSeconds(70);   // away while its bucket turns
            d.Options.RateLimitGiveBackMax = TimeSpan.FromSeconds(80);
            d.AddActor("mail", seen.Add, o => o.RateLimit(RateLimit.Bucket("mails", 1, TimeSpan.FromMinutes(1))));
        }, VirtualHost.NewBroker(clock));
        await LimitsHost.SendAsync(host, "mail", 3);
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
        await using var host = await LimitsHost.StartAsync(d =>
        {
            d.Options.RateLimitAskAgain = TimeSpan.FromMinutes(5);
            d.AddActor("report", seen.Add, o => o.RateLimit(RateLimit.Concurrent("reports")));
        });
        var held = await RateLimiters.Get(host.System).Concurrent("reports").AcquireAsync();
        await LimitsHost.SendAsync(host, "report", 1);
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
        await using var host = await LimitsHost.StartAsync(d =>
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
        await using var host = await LimitsHost.StartAsync(d =>
        {
            d.TimeProvider = clock;
            d.Options.RateLimitParkedFor = TimeSpan.FromMinutes(10);
            d.AddActor("report", (int n, MessageContext context) => seen.Add((n, context.DeliveryCount)), o => o.RateLimit(RateLimit.Concurrent("reports")));
        }, VirtualHost.NewBroker(clock), backend);
        await backend.TakeSlotAsync("reports", "outside", 1, TimeSpan.FromHours(1), TimeSpan.FromHours(1), default);
        await LimitsHost.SendAsync(host, "report", 2);
        await Eventually.AssertAsync(async () => Assert.Equal((2, 0L), await LimitsHost.GateAsync(host) is var gate ? (gate.Parked, gate.GivenBack) : default));
        clock.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1));
        Assert.Equal((2, 0L), await LimitsHost.GateAsync(host) is var before ? (before.Parked, before.GivenBack) : default);
        await Eventually.AssertAsync(async () =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            Assert.Equal((2, 2L), await LimitsHost.GateAsync(host) is var gate ? (gate.Parked, gate.GivenBack) : default);   // away, and back again
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
        await using (var host = await LimitsHost.StartAsync(static d => d.AddActor("report", static (int n) => { }, static o => o.RateLimit(RateLimit.Concurrent("reports"))), broker, backend))
        {
            await LimitsHost.SendAsync(host, "report", 3);
            await Eventually.AssertAsync(async () => Assert.Equal(3, (await LimitsHost.GateAsync(host)).Parked));
        }

        var stats = await ((IInspectsQueues)broker).GetStatsAsync("default", CancellationToken.None);
        Assert.Equal((3, 0), (stats.Ready, stats.InFlight));
        await outside.DisposeAsync();
        var seen = new Feed<int>();
        await using var next = await LimitsHost.StartAsync(d => d.AddActor("report", seen.Add, static o => o.RateLimit(RateLimit.Concurrent("reports"))), broker, backend);
        Assert.Equal([0, 1, 2], await seen.AtLeastAsync(3));
        await system.Terminate();
    }

    private static IEnumerable<string> OptionsOf(MessageContext context) => Enumerable.Range(0, context.Message.Options.Count).Select(context.Message.Options.NameAt);
}
