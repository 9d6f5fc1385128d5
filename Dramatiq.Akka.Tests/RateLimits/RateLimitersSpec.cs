using Dramatiq.Akka.RateLimits;
using Dramatiq.Akka.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.RateLimits;

public sealed class RateLimitersSpec : IAsyncLifetime
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private readonly FakeTimeProvider _clock = new();
    private readonly ActorSystem _system = ActorSystem.Create("limiters", "akka.loglevel = OFF");
    private CuttableBackend _backend = null!;
    private RateLimiters _limiters = null!;

    public Task InitializeAsync()
    {
        _backend = new CuttableBackend(new InMemoryRateLimiterBackend(_clock));
        _limiters = new RateLimiters(_system, _backend, Lease, _clock);
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => _system.Terminate();

    [Fact]
    public async Task A_limiter_must_raise_or_give_null_when_there_is_no_room()
    {
        var limiter = _limiters.Concurrent("reports", 2);
        await using (await limiter.AcquireAsync())
        {
            await using var second = await limiter.TryAcquireAsync();
            Assert.Null(await limiter.TryAcquireAsync());
            var error = await Assert.ThrowsAsync<RateLimitExceededException>(async () => await limiter.AcquireAsync());
            Assert.Equal("Rate limit 'reports' is exceeded: all 2 slots are taken.", error.Message);
        }

        await using var again = await limiter.AcquireAsync();
        await again.DisposeAsync();   // and once more at the end, which gives nothing back
        await using var one = await limiter.AcquireAsync();
        await using var two = await limiter.AcquireAsync();
        Assert.Null(await limiter.TryAcquireAsync());
    }

    [Fact]
    public async Task A_bucket_and_a_window_must_say_what_is_exceeded()
    {
        await _limiters.Bucket("b", 1, TimeSpan.FromMinutes(1)).AcquireAsync();
        await _limiters.Window("w", 1, 5).AcquireAsync();
        Assert.Equal("Rate limit 'b' is exceeded: 1 in 1 min.", (await Assert.ThrowsAsync<RateLimitExceededException>(async () => await _limiters.Bucket("b", 1, TimeSpan.FromMinutes(1)).AcquireAsync())).Message);
        Assert.Equal("Rate limit 'w' is exceeded: 1 in 5 s.", (await Assert.ThrowsAsync<RateLimitExceededException>(async () => await _limiters.Window("w", 1, 5).AcquireAsync())).Message);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await _limiters.Bucket("b", 1, TimeSpan.FromMinutes(1)).AcquireAsync();
        await _limiters.Window("w", 1, 5).AcquireAsync();
    }

    [Fact]
    public async Task A_slot_must_be_renewed_as_long_as_it_is_held()
    {
        var limiter = _limiters.Concurrent("long");
        await using (var slot = await limiter.AcquireAsync())
        {
            for (var i = 1; i <= 20; i++)
            {
                _clock.Advance(Lease / 3);
                await Eventually.AssertAsync(() => Assert.True(_backend.Renewals >= i));
                Assert.Null(await limiter.TryAcquireAsync());
            }

            Assert.False(slot.Lost.IsCancellationRequested);
        }

        Assert.NotNull(await limiter.TryAcquireAsync());
    }

    [Fact]
    public async Task A_slot_whose_lease_cannot_be_renewed_must_say_that_it_is_lost_and_not_before()
    {
        await using var slot = await _limiters.Concurrent("cut").AcquireAsync();
        await using var other = await _limiters.Bucket("cut-too").AcquireAsync();
        _backend.Fails = true;
        for (var step = 0; step < 19; step++)
        {
            Assert.False(slot.Lost.IsCancellationRequested);
            _clock.Advance(Lease / 20);
            await Task.Yield();
        }

        Assert.False(slot.Lost.IsCancellationRequested);
        await Eventually.AssertAsync(() =>
        {
            _clock.Advance(Lease / 20);
            Assert.True(slot.Lost.IsCancellationRequested);
        });
        Assert.False(other.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_slot_that_the_store_has_lost_must_say_so()
    {
        await using var slot = await _limiters.Concurrent("wiped").AcquireAsync();
        var lost = new TaskCompletionSource();
        slot.Lost.Register(lost.SetResult);
        _backend.Inner = new InMemoryRateLimiterBackend(_clock);
        _clock.Advance(Lease / 3);
        await lost.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_slot_that_cannot_be_given_back_must_not_fail_the_work()
    {
        var limiter = _limiters.Concurrent("away");
        await using (await limiter.AcquireAsync())
            _backend.Fails = true;
        _backend.Fails = false;
        Assert.Null(await limiter.TryAcquireAsync());
        await Eventually.AssertAsync(async () =>
        {
            _clock.Advance(Lease);   // nobody renews it any more
            Assert.NotNull(await limiter.TryAcquireAsync());
        });
    }

    [Fact]
    public async Task A_barrier_must_let_the_parties_go_together()
    {
        var barrier = _limiters.Barrier("party");
        Assert.Equal(BarrierArrival.Unknown, await barrier.ArriveAsync());
        Assert.True(await barrier.CreateAsync(3));
        Assert.False(await barrier.CreateAsync(3));
        var first = barrier.ArriveAndWaitAsync(TimeSpan.FromHours(1)).AsTask();
        var second = barrier.ArriveAndWaitAsync(TimeSpan.FromHours(1)).AsTask();
        Assert.False(first.IsCompleted || second.IsCompleted);
        Assert.True(await barrier.ArriveAndWaitAsync(TimeSpan.FromHours(1)));
        Assert.True(await first && await second);
    }

    [Fact]
    public async Task A_handler_must_have_limiters_injected()
    {
        var ran = new Feed<string>();
        await using var host = await TestHost.StartAsync(
            d => d.AddActor("report", async ([FromServices] RateLimiters limiters, CancellationToken cancellation) =>
            {
                await using var slot = await limiters.Concurrent("reports", 1).AcquireAsync(cancellation);
                ran.Add(slot.Key);
            }),
            services: services => services.AddRateLimiters(),
            akka: akka => akka.WithInMemoryRateLimits());
        await host.Queue.EnqueueAsync(new ActorCall("report"));
        await host.JoinAsync();
        Assert.Equal(["reports"], ran.All);
    }

    [Fact]
    public async Task Without_a_backend_the_error_must_say_what_to_add()
    {
        await using var host = await TestHost.StartAsync(static d => d.AddActor("any", static () => { }));
        var error = Assert.Throws<DeclarationException>(() => RateLimiters.Get(host.System));
        Assert.StartsWith("No backend for rate limits is named. Add WithRedisRateLimits(", error.Message, StringComparison.Ordinal);
    }
}
