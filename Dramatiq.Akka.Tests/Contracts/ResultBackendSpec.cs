using System.Text;
using Dramatiq.Akka.Results;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Contracts;

/// <summary>What every store of results must do.</summary>
public abstract class ResultBackendSpec : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    protected IResultBackend Backend { get; private set; } = null!;

    protected abstract Task<IResultBackend> CreateBackendAsync();

    /// <summary>Frees what <see cref="CreateBackendAsync"/> took. The backend itself is disposed of already.</summary>
    protected virtual Task CleanUpAsync() => Task.CompletedTask;

    /// <summary>Lets so much time pass by the clock of the store.</summary>
    protected abstract Task PassAsync(TimeSpan time);

    public async Task InitializeAsync() => Backend = await CreateBackendAsync();

    public async Task DisposeAsync()
    {
        await Backend.DisposeAsync();
        await CleanUpAsync();
    }

    [Fact]
    public async Task Result_must_be_found_as_it_was_stored()
    {
        var key = NewKey();
        await StoreAsync(key, """{"a":[1,"\u00e9"]}""");
        Assert.Equal("""{"a":[1,"\u00e9"]}""", await FindAsync(key));
        Assert.Equal("""{"a":[1,"\u00e9"]}""", await FindAsync(key));
    }

    [Fact]
    public async Task Nothing_must_be_found_where_nothing_was_stored()
    {
        var key = NewKey();
        await StoreAsync(key, "1");
        Assert.Null(await FindAsync(key with { MessageId = "another" }));
        Assert.Null(await FindAsync(key with { ActorName = "another" }));
        Assert.Null(await FindAsync(key with { Queue = "another" }));
    }

    [Fact]
    public async Task Later_result_must_take_the_place_of_an_earlier_one()
    {
        var key = NewKey();
        await StoreAsync(key, "1");
        await StoreAsync(key, "2");
        Assert.Equal("2", await FindAsync(key));
    }

    [Fact]
    public async Task Many_must_be_stored_together()
    {
        var keys = Enumerable.Range(0, 600).Select(_ => NewKey()).ToArray();
        await Backend.StoreManyAsync([.. keys.Select(static (key, number) => new ResultToStore(key, Bytes($"{number}"), Long))], CancellationToken.None);
        for (var i = 0; i < keys.Length; i++)
            Assert.Equal($"{i}", await FindAsync(keys[i]));
    }

    [Fact]
    public async Task Result_must_go_when_its_time_is_over()
    {
        var (brief, lasting, endless) = (NewKey(), NewKey(), NewKey());
        await Backend.StoreManyAsync(
            [new(brief, Bytes("1"), TimeSpan.FromMilliseconds(300)), new(lasting, Bytes("2"), Long), new(endless, Bytes("3"), Timeout.InfiniteTimeSpan)], CancellationToken.None);
        await PassAsync(TimeSpan.FromMilliseconds(300));
        await Eventually.AssertAsync(async () => Assert.Null(await FindAsync(brief)));
        Assert.Equal(("2", "3"), (await FindAsync(lasting), await FindAsync(endless)));
    }

    [Fact]
    public async Task Later_result_must_not_go_with_the_time_of_an_earlier_one()
    {
        var key = NewKey();
        await StoreAsync(key, "1", TimeSpan.FromMilliseconds(200));
        await StoreAsync(key, "2");
        await PassAsync(TimeSpan.FromMilliseconds(300));
        Assert.Equal("2", await FindAsync(key));
    }

    [Fact]
    public async Task Wait_must_end_at_once_where_there_is_a_result()
    {
        var key = NewKey();
        await StoreAsync(key, "1");
        Assert.Equal("1", await WaitAsync(key));
    }

    [Fact]
    public async Task Wait_must_end_when_the_result_is_stored()
    {
        for (var i = 0; i < 20; i++)
        {
            var key = NewKey();
            var wait = WaitAsync(key);
            if (i % 2 == 0)
                await IsWatchedAsync();
            Assert.False(wait.IsCompleted);
            await StoreAsync(key, $"{i}");
            Assert.Equal($"{i}", await wait);
        }
    }

    [Fact]
    public async Task All_who_wait_for_one_result_must_get_it()
    {
        var key = NewKey();
        var waits = Enumerable.Range(0, 50).Select(_ => WaitAsync(key)).ToArray();
        await StoreAsync(key, "1");
        Assert.All(await Task.WhenAll(waits), static result => Assert.Equal("1", result));
    }

    [Fact]
    public async Task Wait_that_is_ended_must_end_alone()
    {
        var key = NewKey();
        using var impatience = new CancellationTokenSource();
        var impatient = Backend.WaitAsync(key, impatience.Token);
        var patient = WaitAsync(key);
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        Assert.False(patient.IsCompleted);
        await StoreAsync(key, "1");
        Assert.Equal("1", await patient);

        var again = NewKey();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Backend.WaitAsync(again, impatience.Token));
        await StoreAsync(again, "2");
        Assert.Equal("2", await WaitAsync(again));
    }

    [Fact]
    public async Task Wait_that_begins_once_it_is_closed_must_be_refused()
    {
        await Backend.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Backend.WaitAsync(NewKey(), CancellationToken.None).WaitAsync(Patience));
    }

    [Fact]
    public async Task Thousands_must_be_able_to_wait_at_once()
    {
        var keys = Enumerable.Range(0, 2_000).Select(_ => NewKey()).ToArray();
        var waits = keys.Select(WaitAsync).ToArray();
        foreach (var chunk in keys.Chunk(100))
            await Backend.StoreManyAsync([.. chunk.Select(static key => new ResultToStore(key, Bytes($"\"{key.MessageId}\""), Long))], CancellationToken.None);
        Assert.Equal(keys.Select(static key => $"\"{key.MessageId}\""), await Task.WhenAll(waits));
    }

    /// <summary>Gives a wait time to reach the store, so that what follows finds somebody waiting; a spec must hold either way.</summary>
    protected virtual Task IsWatchedAsync() => Task.CompletedTask;

    protected static ResultKey NewKey() => new("spec", "work", Guid.NewGuid().ToString());

    protected static byte[] Bytes(string json) => Encoding.UTF8.GetBytes(json);

    protected ValueTask StoreAsync(ResultKey key, string json, TimeSpan? ttl = null) => Backend.StoreAsync(key, Bytes(json), ttl ?? Long, CancellationToken.None);

    protected async Task<string?> FindAsync(ResultKey key) => await Backend.FindAsync(key, CancellationToken.None) is { } found ? Encoding.UTF8.GetString(found.Span) : null;

    protected async Task<string> WaitAsync(ResultKey key) => Encoding.UTF8.GetString((await Backend.WaitAsync(key, CancellationToken.None).WaitAsync(Patience)).Span);
}
