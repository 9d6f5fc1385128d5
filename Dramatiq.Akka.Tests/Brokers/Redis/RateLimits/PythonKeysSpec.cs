using System.Globalization;
using System.Text.Json;
using Dramatiq.Akka.Brokers.Redis;
using Dramatiq.Akka.RateLimits;
using StackExchange.Redis;

namespace Dramatiq.Akka.Tests.Brokers.Redis.RateLimits;

/// <summary>The keys that Python's Dramatiq leaves behind, step by step, and ours beside them.</summary>
[Collection(RedisServerCollection.Name)]
public sealed class PythonKeysSpec(RedisServer server) : IAsyncLifetime
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private readonly ActorSystem _system = ActorSystem.Create("python-keys", "akka.loglevel = OFF");
    private readonly string _prefix = Guid.NewGuid().ToString("N") + ":";
    private RedisRateLimiterBackend _backend = null!;
    private RateLimiters _limiters = null!;

    private static JsonElement Vectors { get; } = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", "rate-limits.json"))).RootElement.GetProperty("data");

    private IDatabase Database => server.Database;

    public Task InitializeAsync()
    {
        _backend = new RedisRateLimiterBackend(_system, new RedisOptions { Url = server.Url, CommandTimeout = RedisFixture.CommandTimeout });
        _limiters = new RateLimiters(_system, _backend, Lease, TimeProvider.System);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _system.Terminate();
        await _backend.DisposeAsync();
    }

    [Fact]
    public async Task Each_step_must_leave_the_keys_that_python_leaves()
    {
        var steps = Vectors.GetProperty("limits").EnumerateArray().ToDictionary(static step => step.GetProperty("step").GetString()!, static step => step.GetProperty("keys"));
        Assert.Equal(5, steps.Count);

        await _limiters.Concurrent(_prefix + "conc", 3).AcquireAsync();
        await AssertKeysAsync(steps["ConcurrentRateLimiter(key=conc, limit=3) held once"]);

        var bucket = _limiters.Bucket(_prefix + "buck", 10, TimeSpan.FromMinutes(1));
        while (true)
        {
            var before = await NowMsAsync();
            await bucket.AcquireAsync();
            await bucket.AcquireAsync();
            if (before / 60_000 == await NowMsAsync() / 60_000)
                break;

            // The minute has turned, and the new one may have counted already.
            await foreach (var counted in server.Server.KeysAsync(pattern: _prefix + "buck@*"))
                await Database.KeyDeleteAsync(counted);
        }

        await AssertKeysAsync(steps["BucketRateLimiter(key=buck, limit=10, bucket=60000) used twice"]);

        await _limiters.Window(_prefix + "win", 10, 5).AcquireAsync();
        await AssertKeysAsync(steps["WindowRateLimiter(key=win, limit=10, window=5) used once"]);

        var barrier = _limiters.Barrier(_prefix + "bar", TimeSpan.FromSeconds(30));
        await barrier.CreateAsync(3);
        await AssertKeysAsync(steps["Barrier(key=bar) created for 3"]);
        await Database.KeyDeleteAsync(_prefix + "bar");
        await barrier.CreateAsync(1);
        Assert.Equal(BarrierArrival.IsLast, await barrier.ArriveAsync());
        await AssertKeysAsync(steps["Barrier(key=bar) created for 1, reached"]);
    }

    [Fact]
    public async Task A_groups_barrier_must_be_a_counter_of_those_that_are_awaited()
    {
        var recorded = Vectors.GetProperty("group_barrier").EnumerateObject().Single();
        var barrier = _limiters.Barrier(_prefix + recorded.Name, TimeSpan.FromDays(1));
        await barrier.CreateAsync(3);
        await barrier.ArriveAsync("one");
        await AssertKeysAsync(Vectors.GetProperty("group_barrier"));
    }

    [Fact]
    public async Task Slots_that_python_takes_and_gives_back_must_count()
    {
        var key = _prefix + "both";
        var limiter = _limiters.Concurrent(key, 2);
        await PythonAsync(key, 1, 2);
        await using (var ours = await limiter.AcquireAsync())
        {
            Assert.Null(await limiter.TryAcquireAsync());
            Assert.False(await PythonAsync(key, 1, 2));
        }

        Assert.True(await PythonAsync(key, 1, 2));
        Assert.Null(await limiter.TryAcquireAsync());
        var watch = await _backend.WatchAsync(key, default);
        await PythonAsync(key, -1, 0);
        await watch.Changed.WaitAsync(TimeSpan.FromSeconds(20));
        await using var again = await limiter.AcquireAsync();
        Assert.Equal(2, await Database.StringGetAsync(key));
    }

    [Fact]
    public async Task A_counter_that_python_let_expire_must_be_made_good_while_slots_are_held()
    {
        var key = _prefix + "expired";
        var limiter = _limiters.Concurrent(key, 2);
        await using (await limiter.AcquireAsync())
        await using (await limiter.AcquireAsync())
        {
            await Database.KeyDeleteAsync(key);
            Assert.Null(await limiter.TryAcquireAsync());
            await _backend.RenewSlotsAsync([(key, "nobody")], Lease, TimeSpan.FromMinutes(15), default);
            Assert.Equal(2, await Database.StringGetAsync(key));
            Assert.False(await PythonAsync(key, 1, 2));
            await Database.KeyDeleteAsync(key);
        }

        Assert.Equal(0, await Database.StringGetAsync(key));
    }

    [Fact]
    public async Task Leases_must_not_outlive_the_counter()
    {
        var key = _prefix + "ttl";
        await _backend.TakeSlotAsync(key, "a", 1, Lease, TimeSpan.FromMinutes(15), default);
        var (counter, leases) = await TtlsAsync(key);
        Assert.InRange(leases, TimeSpan.FromMinutes(14), counter + TimeSpan.FromSeconds(1));
        await _backend.ReleaseSlotAsync(key, "a", TimeSpan.FromMinutes(15), default);
        Assert.False(await Database.KeyExistsAsync(key + "@leases"));
        await _backend.TakeSlotAsync(key, "b", 1, Lease, TimeSpan.FromSeconds(1), default);   // shorter than the lease: the lease counts
        Assert.InRange((await Database.KeyTimeToLiveAsync(key))!.Value, Lease - TimeSpan.FromSeconds(10), Lease);
    }

    [Fact]
    public async Task Leases_and_counter_must_end_together()
    {
        var key = _prefix + "together";
        var ttl = TimeSpan.FromMinutes(15);
        async Task TogetherAsync()
        {
            var (counter, leases) = await TtlsAsync(key);
            Assert.InRange((counter - leases).Duration(), TimeSpan.Zero, TimeSpan.FromSeconds(2));
        }

        await _backend.TakeSlotAsync(key, "a", 4, Lease, ttl, default);
        await _backend.TakeSlotAsync(key, "b", 4, Lease, ttl, default);
        await TogetherAsync();
        await Database.KeyExpireAsync(key + "@leases", TimeSpan.FromMinutes(8));   // as if time had passed, or Python had touched the counter
        await _backend.TakeSlotAsync(key, "c", 4, Lease, ttl, default);
        await TogetherAsync();
        await _backend.ReleaseSlotAsync(key, "b", ttl, default);
        await TogetherAsync();
    }

    [Fact]
    public async Task A_release_must_make_a_counter_good_that_python_has_begun_anew()
    {
        var key = _prefix + "anew";
        await _backend.TakeSlotAsync(key, "a", 2, Lease, TimeSpan.FromMinutes(15), default);
        await _backend.TakeSlotAsync(key, "b", 2, Lease, TimeSpan.FromMinutes(15), default);
        await Database.KeyDeleteAsync(key);
        Assert.True(await PythonAsync(key, 1, 2));
        await _backend.ReleaseSlotAsync(key, "a", TimeSpan.FromMinutes(15), default);
        Assert.Equal(1, await Database.StringGetAsync(key));   // b's
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("1.5")]
    public async Task A_key_that_is_used_for_something_else_must_be_named(string text)
    {
        await Database.StringSetAsync(_prefix + "text", text, TimeSpan.FromMinutes(1));
        var error = await Assert.ThrowsAsync<Dramatiq.Akka.Brokers.BrokerException>(async () => await _limiters.Concurrent(_prefix + "text").AcquireAsync());
        Assert.Contains(_prefix + "text holds no whole number: it is used for something else", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-5)]
    [InlineData(5)]
    public async Task Processes_whose_clocks_differ_must_not_exceed_a_limit_together(int seconds)
    {
        const int limit = 3;
        await using var other = new RedisRateLimiterBackend(_system, new RedisOptions { Url = server.Url, CommandTimeout = RedisFixture.CommandTimeout });
        RateLimiter[] buckets =
        [
            _limiters.Bucket(_prefix + "skewed", limit, TimeSpan.FromSeconds(1)),
            new RateLimiters(_system, other, Lease, new ShiftedTime(TimeSpan.FromSeconds(seconds))).Bucket(_prefix + "skewed", limit, TimeSpan.FromSeconds(1)),
        ];
        var granted = new Dictionary<long, int>();
        var begin = await NowMsAsync();
        long now;
        // Longer on a machine so slow that no second held all of its calls.
        for (var calls = 0; (now = await NowMsAsync()) < begin + 3_000 || (!granted.ContainsValue(limit) && now < begin + 60_000); calls++)
        {
            var before = now / 1_000;
            var slot = await buckets[calls % 2].TryAcquireAsync();
            if (slot is not null && await NowMsAsync() / 1_000 == before)
                granted[before] = granted.GetValueOrDefault(before) + 1;
        }

        Assert.Contains(limit, granted.Values);
        Assert.All(granted.Values, count => Assert.InRange(count, 1, limit));
    }

    /// <summary>How long a counter and its leases live still, at one moment.</summary>
    private async Task<(TimeSpan Counter, TimeSpan Leases)> TtlsAsync(string key)
    {
        var ttls = (long[])(await Database.ScriptEvaluateAsync("return {redis.call('PTTL', KEYS[1]), redis.call('PTTL', KEYS[2])}", [key, key + "@leases"]))!;
        Assert.All(ttls, static ttl => Assert.True(ttl > 0));   // less says that there is no end, or no key
        return (TimeSpan.FromMilliseconds(ttls[0]), TimeSpan.FromMilliseconds(ttls[1]));
    }

    private async Task AssertKeysAsync(JsonElement keys)
    {
        foreach (var recorded in keys.EnumerateObject())
        {
            var key = await FindAsync(recorded.Name);
            var type = recorded.Value.GetProperty("type").GetString();
            Assert.Equal(type, (await Database.KeyTypeAsync(key)).ToString().ToLowerInvariant());
            if (type == "list")
                Assert.Equal(recorded.Value.GetProperty("value").EnumerateArray().Select(static item => item.GetString()), (await Database.ListRangeAsync(key)).Select(static item => (string?)item));
            else
                Assert.Equal(recorded.Value.GetProperty("value").GetString(), (string?)await Database.StringGetAsync(key));

            var ttl = recorded.Value.GetProperty("pttl").GetDouble();
            Assert.InRange((await Database.KeyTimeToLiveAsync(key))!.Value.TotalMilliseconds, ttl - 4_900, ttl + 10);
        }
    }

    /// <summary>The key of this name, or the one of the same name at another time.</summary>
    private async Task<string> FindAsync(string name)
    {
        var at = name.IndexOf('@', StringComparison.Ordinal);
        if (at < 0 || !char.IsAsciiDigit(name[at + 1]))
            return _prefix + name;

        var found = new List<string>();
        await foreach (var key in server.Server.KeysAsync(pattern: $"{_prefix}{name[..at]}@*"))
            found.Add(key!);
        var latest = found.MaxBy(static key => long.Parse(key[(key.LastIndexOf('@') + 1)..], CultureInfo.InvariantCulture))!;
        var number = long.Parse(latest[(latest.LastIndexOf('@') + 1)..], CultureInfo.InvariantCulture);
        Assert.Equal(name.Length - at, latest.Length - latest.LastIndexOf('@'));   // milliseconds or seconds, as recorded
        Assert.True(name[..at] != "buck" || number % 60_000 == 0, latest);
        return latest;
    }

    /// <summary>What Python's incr and decr do: read, and write if nobody else has.</summary>
    private async Task<bool> PythonAsync(string key, int amount, int bound)
    {
        while (true)
        {
            var held = await Database.StringGetAsync(key);
            var value = (held.IsNull ? 0 : (long)held) + amount;
            if (amount > 0 ? value > bound : value < bound)
                return false;

            var transaction = Database.CreateTransaction();
            transaction.AddCondition(held.IsNull ? Condition.KeyNotExists(key) : Condition.StringEqual(key, held));
            _ = transaction.StringSetAsync(key, value, TimeSpan.FromMinutes(15));
            if (await transaction.ExecuteAsync())
                return true;
        }
    }

    private async Task<long> NowMsAsync()
    {
        var time = (RedisValue[])(await Database.ExecuteAsync("TIME"))!;
        return (long)time[0] * 1000 + (long)time[1] / 1000;
    }
}
