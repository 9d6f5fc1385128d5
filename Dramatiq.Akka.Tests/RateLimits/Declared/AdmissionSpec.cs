using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.RateLimits;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.RateLimits.Declared;

/// <summary>Who may run beside whom, and when a slot is free again.</summary>
public sealed class AdmissionSpec
{
    [Fact]
    public async Task Handlers_must_never_run_beside_more_than_the_limit_allows()
    {
        var inside = 0;
        var seen = new Feed<int>();
        await using var host = await LimitsHost.StartAsync(d => d.AddActor("report", async (int n) =>
        {
            seen.Add(Interlocked.Increment(ref inside));
            await Task.Delay(2);
            Interlocked.Decrement(ref inside);
        }, o => o.RateLimit(RateLimit.Concurrent("reports", 2))));
        await LimitsHost.SendAsync(host, "report", 60);
        await host.JoinAsync();
        Assert.Equal(60, seen.All.Count);
        Assert.Equal(2, seen.All.Max());
    }

    [Fact]
    public async Task Messages_of_one_key_must_run_in_the_order_in_which_they_came()
    {
        var seen = new Feed<int>();
        await using var host = await LimitsHost.StartAsync(d =>
        {
            d.Options.Queues.Prefetch = 200;
            d.AddActor("report", async (int n) =>
            {
                seen.Add(n);
                await Task.Yield();
            }, o => o.RateLimit(RateLimit.Concurrent("reports")));
        });
        await LimitsHost.SendAsync(host, "report", 100);
        await host.JoinAsync();
        Assert.Equal(Enumerable.Range(0, 100), seen.All);
    }

    [Fact]
    public async Task Each_value_of_an_argument_must_have_a_limit_of_its_own()
    {
        var seen = new Feed<string>();
        await using var host = await LimitsHost.StartAsync(d => d.AddActor("report", (string tenant, int page = 1) => seen.Add($"{tenant} {page}"), o => o.RateLimit(RateLimit.Concurrent("reports").PerArgument("tenant"))));
        var outside = await RateLimiters.Get(host.System).Concurrent("reports:a").AcquireAsync();
        await host.Queue.EnqueueAsync(new ActorCall("report", "a"));
        await host.Queue.EnqueueAsync(new ActorCall("report", "b"));
        await host.Queue.EnqueueAsync(new ActorCall("report", "a", 2));
        await host.Queue.EnqueueAsync(new ActorCall("report", "c", 7));
        await seen.AtLeastAsync(2);
        await Eventually.AssertAsync(async () => Assert.Equal((2, 1, 0), await LimitsHost.GateAsync(host) is var gate ? (gate.Parked, gate.Keys, gate.Admitted) : default));
        Assert.Equal(["b 1", "c 7"], seen.All.Order());
        await outside.DisposeAsync();
        Assert.Equal(["a 1", "a 2"], (await seen.AtLeastAsync(4)).TakeLast(2));
    }

    [Fact]
    public async Task A_slot_must_be_free_when_its_message_has_come_to_its_end_whatever_that_was()
    {
        var seen = new Feed<int>();
        await using var host = await LimitsHost.StartAsync(d => d.AddActor("report", (int n) =>
        {
            seen.Add(n);
            if (n % 2 == 0)
                throw new InvalidOperationException("as the test wants it");
        }, o => o.RateLimit(RateLimit.Concurrent("reports")).MaxRetries(0)));
        await LimitsHost.SendAsync(host, "report", 10);
        await host.JoinAsync(failFast: false);
        Assert.Equal(10, seen.All.Count);
        Assert.Equal(5, host.Broker.DeadLetters("default").Count);
        await Eventually.AssertAsync(async () => Assert.Equal(new RateLimitGate.Snapshot(0, 0, 0, 0), await LimitsHost.GateAsync(host)));
        await using var free = await RateLimiters.Get(host.System).Concurrent("reports").AcquireAsync();
    }

    [Fact]
    public async Task A_bucket_must_let_its_limit_through_at_each_turn()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var seen = new Feed<int>();
        await using var host = await LimitsHost.StartAsync(d =>
        {
            d.TimeProvider = clock;
            d.AddActor("mail", (int n) => seen.Add(n), o => o.RateLimit(RateLimit.Bucket("mails", 2, TimeSpan.FromMinutes(1))));
        }, VirtualHost.NewBroker(clock));
        await LimitsHost.SendAsync(host, "mail", 6);
        await seen.AtLeastAsync(2);
        for (var turn = 1; turn <= 2; turn++)
        {
            await Eventually.AssertAsync(async () => Assert.Equal(6 - 2 * turn, (await LimitsHost.GateAsync(host)).Parked));
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
    public async Task A_handler_whose_slot_is_lost_must_be_told_and_its_message_go_back()
    {
        var attempts = new Feed<int>();
        var store = new CuttableBackend(new InMemoryRateLimiterBackend());
        await using var host = await LimitsHost.StartAsync(d =>
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
    public async Task A_slot_must_not_be_anothers_while_a_handler_that_does_not_heed_the_end_of_its_consumer_runs()
    {
        var running = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var mayEnd = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (clock, lease) = (new FakeTimeProvider(), TimeSpan.FromSeconds(10));
        await using var backend = new InMemoryRateLimiterBackend(clock);
        await using var host = await LimitsHost.StartAsync(d =>
        {
            d.TimeProvider = clock;   // by which the lease would be renewed
            d.Options.RateLimitLease = lease;
            d.AddActor("report", async (int n) =>
            {
                running.TrySetResult();
                await mayEnd.Task;
            }, o => o.RateLimit(RateLimit.Concurrent("reports")));
        }, backend: backend);
        await LimitsHost.SendAsync(host, "report", 1);
        await running.Task;
        await host.Tasks.PauseQueueAsync("default");   // the one that takes its place asks for no slot
        var consumer = await host.ActorAsync("default");
        consumer.Tell(PoisonPill.Instance);
        await Eventually.AssertAsync(async () => Assert.NotEqual(consumer, await host.ActorAsync("default")));
        Assert.False(await TakeAsync(backend));
        await Eventually.AssertAsync(async () =>
        {
            clock.Advance(lease / 2);
            await Task.Delay(500);   // whoever renews it would have done so, and it would never be free
            Assert.True(await TakeAsync(backend));
        });
        mayEnd.SetResult();
    }

    [Fact]
    public async Task A_slot_that_is_granted_to_a_consumer_that_is_gone_must_go_back()
    {
        var taking = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var seen = new Feed<int>();
        var store = new CuttableBackend(new InMemoryRateLimiterBackend()) { TakesAfter = taking.Task };
        await using var host = await LimitsHost.StartAsync(d => d.AddActor("report", seen.Add, o => o.RateLimit(RateLimit.Concurrent("reports"))), backend: store);
        await LimitsHost.SendAsync(host, "report", 1);
        await Eventually.AssertAsync(() => Assert.Equal(1, store.Takings));
        (await host.ActorAsync("default")).Tell(PoisonPill.Instance);
        await Eventually.AssertAsync(() => Assert.Equal(2, store.Takings));   // the one that takes its place has the message again
        taking.SetResult();
        Assert.Equal([0], await seen.AtLeastAsync(1));
    }

    private static async Task<bool> TakeAsync(InMemoryRateLimiterBackend backend) =>
        (await backend.TakeSlotAsync("reports", "another", 1, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), default)) is null;
}
