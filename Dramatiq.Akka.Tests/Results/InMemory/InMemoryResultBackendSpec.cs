using Dramatiq.Akka.Results;
using Dramatiq.Akka.Tests.Contracts;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.Results.InMemory;

public sealed class InMemoryResultBackendSpec : ResultBackendSpec
{
    private readonly FakeTimeProvider _clock = new();

    protected override Task<IResultBackend> CreateBackendAsync() => Task.FromResult<IResultBackend>(new InMemoryResultBackend(_clock));

    protected override Task PassAsync(TimeSpan time)
    {
        _clock.Advance(time);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Expired_results_must_leave_the_memory()
    {
        var backend = new InMemoryResultBackend(_clock);
        await backend.StoreAsync(NewKey(), Bytes("1"), TimeSpan.FromDays(3), CancellationToken.None);
        await backend.StoreAsync(NewKey(), Bytes("2"), TimeSpan.FromMinutes(1), CancellationToken.None);
        Assert.Equal(2, backend.Count);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, backend.Count);
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, backend.Count);
        _clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal(0, backend.Count);
    }

    [Fact]
    public async Task Waits_that_were_ended_must_leave_nothing_behind()
    {
        var backend = (InMemoryResultBackend)Backend;
        using var impatience = new CancellationTokenSource();
        var waits = Enumerable.Range(0, 100).Select(_ => backend.WaitAsync(NewKey(), impatience.Token)).ToArray();
        Assert.Equal(100, backend.WaitedFor);
        await impatience.CancelAsync();
        foreach (var wait in waits)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        Assert.Equal(0, backend.WaitedFor);
    }

    [Fact]
    public async Task Waits_must_be_told_when_it_is_closed()
    {
        var wait = Backend.WaitAsync(NewKey(), CancellationToken.None);
        await Backend.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => wait);
    }
}
