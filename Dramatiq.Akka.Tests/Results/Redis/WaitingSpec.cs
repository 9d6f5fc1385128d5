using Akka.Configuration;
using Akka.Event;
using Dramatiq.Akka.Brokers.Redis;
using Dramatiq.Akka.Results;
using Dramatiq.Akka.Tests.Brokers.Redis;
using Dramatiq.Akka.Tests.EndToEnd;

namespace Dramatiq.Akka.Tests.Results.Redis;

/// <summary>How waits use the server, and how they live through its loss. A server of its own: commands and connections are counted.</summary>
public sealed class WaitingSpec(RedisServer server) : IClassFixture<RedisServer>
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static ResultKey NewKey() => new("q", "work", Guid.NewGuid().ToString());

    private RedisResultBackend NewBackend(string? url = null) => new(new RedisResultOptions { Url = url ?? server.Url });

    private async Task<string[]> ClientsAsync() => [.. ((string)(await server.Database.ExecuteAsync("CLIENT", "LIST"))!)
        .Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static line => line.Contains("name=dramatiq.akka", StringComparison.Ordinal))];

    private async Task<long> CallsAsync(params string[] commands)
    {
        var counts = await server.CommandCountsAsync();
        return commands.Sum(command => counts.GetValueOrDefault(command));
    }

    /// <summary>Waits until nobody has asked for half a second.</summary>
    private Task QuietAsync() => Eventually.AssertAsync(async () =>
    {
        var before = await CallsAsync("llen", "lindex");
        await Task.Delay(500);
        Assert.Equal(before, await CallsAsync("llen", "lindex"));
    });

    [Fact]
    public async Task Five_thousand_waits_must_share_one_connection_and_ask_once_each()
    {
        await using var backend = NewBackend();
        await backend.FindAsync(NewKey(), CancellationToken.None);
        var keys = Enumerable.Range(0, 5_000).Select(static _ => NewKey()).ToArray();
        var asked = await CallsAsync("llen");
        // Every other key is waited for twice.
        var waits = keys.Concat(keys.Where(static (_, number) => number % 2 == 0)).Select(key => backend.WaitAsync(key, CancellationToken.None)).ToArray();
        await Eventually.AssertAsync(async () => Assert.True(await CallsAsync("llen") - asked >= 5_000));
        await QuietAsync();   // those that came before the connection stood have looked once besides
        Assert.Equal(5_000, backend.WaitedFor);

        var clients = await ClientsAsync();
        Assert.Single(clients, static client => client.Contains("name=dramatiq.akka.wake", StringComparison.Ordinal));
        Assert.True(clients.Length <= 3, string.Join('\n', clients));   // it, and StackExchange.Redis's own one or two

        // And while nothing happens, nobody asks again.
        var before = await CallsAsync("llen", "lindex");
        await Task.Delay(TimeSpan.FromSeconds(2));
        Assert.Equal(before, await CallsAsync("llen", "lindex"));

        foreach (var chunk in keys.Chunk(500))
            await backend.StoreManyAsync([.. chunk.Select(static key => new ResultToStore(key, "1"u8.ToArray(), Long))], CancellationToken.None);
        await Task.WhenAll(waits).WaitAsync(Patience);
        Assert.Equal(0, backend.WaitedFor);
    }

    [Fact]
    public async Task Ended_waits_must_leave_nothing_behind()
    {
        await using var backend = NewBackend();
        using var impatience = new CancellationTokenSource();
        var waits = Enumerable.Range(0, 500).Select(_ => backend.WaitAsync(NewKey(), impatience.Token)).ToArray();
        Assert.Equal(500, backend.WaitedFor);
        await impatience.CancelAsync();
        foreach (var wait in waits) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        Assert.Equal(0, backend.WaitedFor);
        await Eventually.AssertAsync(() => Assert.Equal(0, backend.Watched));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Waits_that_poll_must_ask_no_more_once_they_have_ended(bool closed)
    {
        var settings = ConfigurationFactory.ParseString($"dramatiq.redis {{ url = \"{server.Url}\", wake = poll, poll-max = 50ms }}").WithFallback(RedisSettings.Reference());
        await using var backend = new RedisResultBackend(new RedisResultSettings(settings, null), new RedisLinks(), NoLogger.Instance);
        using var impatience = new CancellationTokenSource();
        var before = await CallsAsync("lindex");
        var waits = Enumerable.Range(0, 50).Select(_ => backend.WaitAsync(NewKey(), impatience.Token)).ToArray();
        await Eventually.AssertAsync(async () => Assert.True(await CallsAsync("lindex") - before >= 500));
        await server.Database.ExecuteAsync("CLIENT", "PAUSE", 1_000, "ALL");
        await Task.Delay(300);   // each has asked meanwhile, and is not answered
        if (closed)
            await backend.DisposeAsync();
        else
            await impatience.CancelAsync();
        foreach (var wait in waits)
            await Assert.ThrowsAnyAsync<Exception>(() => wait);
        await Eventually.AssertAsync(() => Assert.Equal(0, backend.Watched));
        await QuietAsync();
    }

    [Fact]
    public async Task Waits_must_survive_a_cut_connection()
    {
        await using var backend = NewBackend();
        var keys = Enumerable.Range(0, 200).Select(static _ => NewKey()).ToArray();
        var waits = keys.Select(key => backend.WaitAsync(key, CancellationToken.None)).ToArray();
        for (var cut = 0; cut < 3; cut++)
        {
            await Eventually.AssertAsync(async () => Assert.Contains(await ClientsAsync(), static client => client.Contains(".wake", StringComparison.Ordinal)));
            await server.CutConnectionsAsync();
        }

        // Stored by somebody else, at a moment when the connection may not stand.
        foreach (var key in keys)
            await server.Database.ListLeftPushAsync(key.ToText("dramatiq-results", readable: false), "1");
        Assert.All(await Task.WhenAll(waits).WaitAsync(Patience), static result => Assert.Equal("1"u8.ToArray(), result.ToArray()));
    }

    [Fact]
    public async Task Waits_must_survive_a_restart_of_the_server()
    {
        if (!server.IsPrivate) return;   // one that was given must not be restarted
        await using var backend = NewBackend();
        var (early, late, never) = (NewKey(), NewKey(), NewKey());
        var waits = new[] { backend.WaitAsync(early, CancellationToken.None), backend.WaitAsync(late, CancellationToken.None) };
        using var impatience = new CancellationTokenSource();
        var forlorn = backend.WaitAsync(never, impatience.Token);
        await backend.StoreAsync(early, "1"u8.ToArray(), Long, CancellationToken.None);
        Task<ReadOnlyMemory<byte>>? meanwhile = null;
        var duringOutage = NewKey();
        await server.RestartAsync(() =>
        {
            meanwhile = backend.WaitAsync(duringOutage, CancellationToken.None);
            return Task.Delay(500);
        });
        Assert.False(waits[1].IsCompleted || forlorn.IsCompleted || meanwhile!.IsCompleted);
        await Eventually.AssertAsync(async () => await backend.StoreManyAsync([new(late, "2"u8.ToArray(), Long), new(duringOutage, "3"u8.ToArray(), Long)], CancellationToken.None));
        Assert.Equal(["1", "2", "3"], (await Task.WhenAll([.. waits, meanwhile]).WaitAsync(Patience)).Select(static result => System.Text.Encoding.UTF8.GetString(result.Span)));
        Assert.False(forlorn.IsCompleted);
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => forlorn);
    }

    [Fact]
    public async Task Wait_must_outlast_a_result_that_expires_before_it_is_fetched()
    {
        await using var backend = NewBackend();
        var key = NewKey();
        var name = key.ToText("dramatiq-results", readable: false);
        var asked = await CallsAsync("llen");
        var wait = backend.WaitAsync(key, CancellationToken.None);
        await Eventually.AssertAsync(async () => Assert.True(await CallsAsync("llen") > asked));
        // Both in one step: what is pushed is gone before anybody is told.
        await server.Database.ScriptEvaluateAsync("redis.call('LPUSH', KEYS[1], '1') redis.call('DEL', KEYS[1])", [name]);
        await Task.Delay(50);
        Assert.False(wait.IsCompleted);
        await backend.StoreAsync(key, "2"u8.ToArray(), Long, CancellationToken.None);
        Assert.Equal("2"u8.ToArray(), (await wait.WaitAsync(Patience)).ToArray());
    }

    [Fact]
    public async Task Waits_must_poll_slowly_where_the_server_refuses_to_tell()
    {
        Assert.Equal("OK", (string?)await server.Database.ExecuteAsync("ACL", "SETUSER", "untold", "on", ">secret", "~*", "&*", "+@all", "-client|tracking"));
        await using var backend = NewBackend($"redis://untold:secret@127.0.0.1:{server.Port}/0");
        var key = NewKey();
        var wait = backend.WaitAsync(key, CancellationToken.None);
        await backend.StoreAsync(key, "1"u8.ToArray(), Long, CancellationToken.None);
        Assert.Equal("1"u8.ToArray(), (await wait.WaitAsync(Patience)).ToArray());

        var quiet = backend.WaitAsync(NewKey(), CancellationToken.None);
        await Task.Delay(TimeSpan.FromSeconds(3));
        var before = await CallsAsync("lindex");
        await Task.Delay(TimeSpan.FromSeconds(4));
        Assert.InRange(await CallsAsync("lindex") - before, 1, 4);
        Assert.False(quiet.IsCompleted);
    }

    [Fact]
    public async Task Closing_must_end_the_waits()
    {
        var backend = NewBackend();
        var wait = backend.WaitAsync(NewKey(), CancellationToken.None);
        await backend.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => wait);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => backend.WaitAsync(NewKey(), CancellationToken.None));
    }

    [Fact]
    public async Task Result_that_could_not_be_asked_for_must_be_asked_for_again()
    {
        var links = new RedisLinks();
        await using var share = links.Open(new RedisResultSettings(new RedisResultOptions { Url = server.Url }.ToHocon().WithFallback(RedisSettings.Reference())).Connection, NoLogger.Instance);
        var failures = 0;
        var asked = new Feed<long>();
        using var waits = new ResultWaits(
            share.WakeUps,
            async name =>
            {
                asked.Add(System.Diagnostics.Stopwatch.GetTimestamp());
                if (Interlocked.Decrement(ref failures) >= 0) throw new Dramatiq.Akka.Brokers.BrokerConnectionException("lost with its connection");
                return (byte[]?)await server.Database.ListGetByIndexAsync(name, 0);
            },
            static () => ValueTask.FromResult(true));
        var (first, second) = ($"first-{Guid.NewGuid()}", $"second-{Guid.NewGuid()}");
        await server.Database.ListLeftPushAsync(first, "1");
        await waits.WaitAsync(first, CancellationToken.None).WaitAsync(Patience);
        await Eventually.AssertAsync(async () => Assert.Contains(await ClientsAsync(), static client => client.Contains(".wake", StringComparison.Ordinal)));
        await Eventually.AssertAsync(async () => Assert.True((await share.WakeUps.WatchAsync(second, 0, CancellationToken.None)).Length == 0));

        // The server says that it is there, and what asks for it is lost: it does not change any more.
        await server.Database.ListLeftPushAsync(second, "2");
        Volatile.Write(ref failures, 4);
        var before = asked.All.Count;
        Assert.Equal("2"u8.ToArray(), (await waits.WaitAsync(second, CancellationToken.None).WaitAsync(Patience)).ToArray());
        Assert.Equal(before + 5, asked.All.Count);

        // Nor is it asked without a pause, or once nobody waits.
        Volatile.Write(ref failures, int.MaxValue);
        using var impatience = new CancellationTokenSource();
        before = asked.All.Count;
        var forlorn = waits.WaitAsync(second, impatience.Token);
        await asked.AtLeastAsync(before + 1);
        impatience.CancelAfter(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => forlorn);
        Assert.InRange(asked.All.Count - before, 1, 20);
        Assert.Equal(0, waits.Count);
    }
}
