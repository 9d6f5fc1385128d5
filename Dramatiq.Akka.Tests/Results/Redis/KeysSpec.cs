using Dramatiq.Akka.Brokers.Redis;
using Dramatiq.Akka.Results;
using Dramatiq.Akka.Tests.Brokers.Redis;
using StackExchange.Redis;

namespace Dramatiq.Akka.Tests.Results.Redis;

/// <summary>What stands in Redis, key for key and byte for byte as Python's Dramatiq puts it there.</summary>
[Collection(RedisServerCollection.Name)]
public sealed class KeysSpec(RedisServer server)
{
    public static TheoryData<int> Vectors => new(Enumerable.Range(0, ResultVectors.All.Count));

    private IDatabase Database => server.Database;

    [Theory]
    [MemberData(nameof(Vectors))]
    public async Task Result_must_be_stored_where_Python_stores_it(int index)
    {
        var vector = ResultVectors.All[index];
        await using var backend = new RedisResultBackend(new RedisResultOptions { Url = server.Url, ReadableKeys = vector.HasReadableKeys });
        await Database.KeyDeleteAsync(vector.Key);
        await backend.StoreAsync(ResultKey.Of(vector.Message), vector.Stored, TimeSpan.FromMinutes(10), CancellationToken.None);

        Assert.Equal([vector.Stored], (await Database.ListRangeAsync(vector.Key)).Select(static value => (byte[])value!));
        Assert.InRange((await Database.KeyTimeToLiveAsync(vector.Key))!.Value, TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(10));
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public async Task Result_that_Python_has_stored_must_be_found_and_waited_for(int index)
    {
        var vector = ResultVectors.All[index];
        await using var backend = new RedisResultBackend(new RedisResultOptions { Url = server.Url, ReadableKeys = vector.HasReadableKeys });
        await Database.KeyDeleteAsync(vector.Key);
        var key = ResultKey.Of(vector.Message);
        var waiting = backend.WaitAsync(key, CancellationToken.None);
        Assert.Null(await backend.FindAsync(key, CancellationToken.None));
        var transaction = Database.CreateTransaction();
        _ = transaction.KeyDeleteAsync(vector.Key);
        _ = transaction.ListLeftPushAsync(vector.Key, vector.Stored);
        _ = transaction.KeyExpireAsync(vector.Key, TimeSpan.FromMinutes(10));
        await transaction.ExecuteAsync();

        Assert.Equal(vector.Stored, (await waiting.WaitAsync(TimeSpan.FromSeconds(30))).ToArray());
        Assert.Equal(vector.Stored, (await backend.FindAsync(key, CancellationToken.None))!.Value.ToArray());
    }

    [Fact]
    public async Task Wait_of_Pythons_must_be_woken_by_what_is_stored()
    {
        await using var backend = new RedisResultBackend(new RedisResultOptions { Url = server.Url });
        var key = new ResultKey("q", "a", Guid.NewGuid().ToString());
        var name = key.ToText("dramatiq-results", readable: false);
        using var python = new System.Net.Sockets.TcpClient();
        await python.ConnectAsync(System.Net.IPAddress.Loopback, server.Port);
        var stream = python.GetStream();
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"BRPOPLPUSH {name} {name} 30\r\n"));
        await Dramatiq.Akka.Tests.EndToEnd.Eventually.AssertAsync(async () =>
            Assert.Contains("cmd=brpoplpush", (string?)await Database.ExecuteAsync("CLIENT", "LIST"), StringComparison.Ordinal));
        await backend.StoreAsync(key, "[1]"u8.ToArray(), TimeSpan.FromMinutes(1), CancellationToken.None);

        var answer = new byte[64];
        var length = await stream.ReadAsync(answer).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("$3\r\n[1]\r\n", System.Text.Encoding.ASCII.GetString(answer, 0, length));
        Assert.Equal("[1]"u8.ToArray(), (await backend.FindAsync(key, CancellationToken.None))!.Value.ToArray());
        Assert.NotNull(await Database.KeyTimeToLiveAsync(name));
    }

    [Fact]
    public async Task Something_that_is_no_list_must_be_replaced_as_Python_does()
    {
        await using var backend = new RedisResultBackend(new RedisResultOptions { Url = server.Url });
        var key = new ResultKey("q", "a", Guid.NewGuid().ToString());
        var name = key.ToText("dramatiq-results", readable: false);
        await Database.StringSetAsync(name, "in the way");
        await Assert.ThrowsAsync<Dramatiq.Akka.Brokers.BrokerException>(async () => await backend.FindAsync(key, CancellationToken.None));
        await Assert.ThrowsAsync<Dramatiq.Akka.Brokers.BrokerException>(() => backend.WaitAsync(key, CancellationToken.None));
        await backend.StoreAsync(key, "1"u8.ToArray(), Timeout.InfiniteTimeSpan, CancellationToken.None);
        Assert.Equal("1"u8.ToArray(), (await backend.FindAsync(key, CancellationToken.None))!.Value.ToArray());
        Assert.Null(await Database.KeyTimeToLiveAsync(name));
        await Database.KeyDeleteAsync(name);
    }
}
