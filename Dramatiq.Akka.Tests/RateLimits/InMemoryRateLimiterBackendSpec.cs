using Dramatiq.Akka.RateLimits;
using Dramatiq.Akka.Tests.Contracts;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.RateLimits;

public sealed class InMemoryRateLimiterBackendSpec : RateLimiterBackendSpec
{
    private readonly InMemoryRateLimiterBackend _backend = new();

    protected override Task<IRateLimiterBackend> NewBackendAsync() => Task.FromResult<IRateLimiterBackend>(_backend);

    public override Task DisposeAsync() => _backend.DisposeAsync().AsTask();

    [Fact]
    public async Task Time_must_be_the_clocks_that_was_given()
    {
        var clock = new FakeTimeProvider();
        await using var backend = new InMemoryRateLimiterBackend(clock);
        Assert.Null(await backend.AddToBucketAsync("k", 1, TimeSpan.FromHours(1), default));
        var wait = await backend.AddToBucketAsync("k", 1, TimeSpan.FromHours(1), default);
        clock.Advance(wait!.Value);
        Assert.Null(await backend.AddToBucketAsync("k", 1, TimeSpan.FromHours(1), default));

        var waiting = backend.WaitAsync("k", TimeSpan.FromHours(1), default).AsTask();
        Assert.False(waiting.IsCompleted);
        clock.Advance(TimeSpan.FromHours(1));
        Assert.False(await waiting);
    }

    [Fact]
    public async Task Waits_that_have_ended_must_leave_nothing_behind()
    {
        await using var backend = new InMemoryRateLimiterBackend();
        var patient = backend.WaitAsync("shared", Timeout.InfiniteTimeSpan, default).AsTask();
        foreach (var key in Enumerable.Range(0, 20).Select(static number => $"k{number}").Append("shared"))
            Assert.False(await backend.WaitAsync(key, TimeSpan.FromMilliseconds(1), default));
        Assert.Equal(1, backend.Watched);

        await backend.NotifyAsync("shared", TimeSpan.FromMinutes(1), default);
        Assert.True(await patient);
        Assert.Equal(0, backend.Watched);
    }
}
