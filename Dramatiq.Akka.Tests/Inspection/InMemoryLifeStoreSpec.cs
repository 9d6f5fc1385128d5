using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Tests.Contracts;
using Microsoft.Extensions.Time.Testing;

namespace Dramatiq.Akka.Tests.Inspection;

public sealed class InMemoryLifeStoreSpec : LifeStoreSpec
{
    private readonly FakeTimeProvider _clock = new();

    public InMemoryLifeStoreSpec() => Store = new InMemoryLifeStore(Ttl, _clock, most: 3);

    protected override ILifeStore Store { get; }

    private async Task WriteAsync(string id) => await Store.WriteAsync([new LifeStep(id, "q", "add", LifeState.Enqueued, _clock.GetUtcNow(), 1, "node")], default);

    private async Task<bool> HasAsync(string id) => await Store.FindAsync(id, default) is not null;

    [Fact]
    public async Task Life_must_go_some_time_after_its_last_step()
    {
        await WriteAsync("a");
        await WriteAsync("b");
        _clock.Advance(Ttl / 2);
        await WriteAsync("a");
        _clock.Advance(Ttl / 2);
        Assert.Equal((true, false), (await HasAsync("a"), await HasAsync("b")));
        _clock.Advance(Ttl / 2);
        Assert.False(await HasAsync("a"));
    }

    [Fact]
    public async Task Lives_beyond_the_bound_must_push_out_the_oldest()
    {
        foreach (var id in new[] { "a", "b", "c", "a", "d" })
            await WriteAsync(id);
        Assert.Equal((true, false, true, true), (await HasAsync("a"), await HasAsync("b"), await HasAsync("c"), await HasAsync("d")));
    }
}
