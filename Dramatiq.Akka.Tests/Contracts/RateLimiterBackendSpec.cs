using System.Diagnostics;
using Dramatiq.Akka.RateLimits;

namespace Dramatiq.Akka.Tests.Contracts;

/// <summary>What every backend of rate limits must do.</summary>
public abstract class RateLimiterBackendSpec : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private int _keys;

    protected string Prefix { get; } = "test-" + Guid.NewGuid().ToString("N");

    protected IRateLimiterBackend Backend { get; private set; } = null!;

    /// <summary>Another client of the same counters.</summary>
    protected abstract Task<IRateLimiterBackend> NewBackendAsync();

    protected string NewKey() => $"{Prefix}:{++_keys}";

    public async Task InitializeAsync() => Backend = await NewBackendAsync();

    public abstract Task DisposeAsync();

    [Fact]
    public async Task A_counter_must_be_added_once_and_again_when_its_time_is_over()
    {
        var key = NewKey();
        Assert.True(await Backend.AddAsync(key, 5, TimeSpan.FromMilliseconds(100), default));
        var isThere = !await Backend.AddAsync(key, 5, Long, default);
        if (isThere)
            await UntilAsync(async () => await Backend.AddAsync(key, 5, Long, default));
        Assert.False(await Backend.AddAsync(key, 5, Long, default));
    }

    [Fact]
    public async Task Increments_and_decrements_must_keep_to_their_bounds()
    {
        var key = NewKey();
        Assert.True(await Backend.IncrementAsync(key, 2, 3, Long, default));
        Assert.False(await Backend.IncrementAsync(key, 2, 3, Long, default));
        Assert.True(await Backend.IncrementAsync(key, 1, 3, Long, default));
        Assert.False(await Backend.IncrementAsync(key, 1, 3, Long, default));
        Assert.True(await Backend.DecrementAsync(key, 2, 1, Long, default));
        Assert.False(await Backend.DecrementAsync(key, 1, 1, Long, default));
        Assert.True(await Backend.DecrementAsync(key, 1, 0, Long, default));
        Assert.False(await Backend.DecrementAsync(NewKey(), 1, 0, Long, default));
    }

    [Fact]
    public async Task A_sum_must_count_all_counters_and_grow_the_first()
    {
        string[] keys = [NewKey(), NewKey(), NewKey()];
        await Backend.AddAsync(keys[1], 2, Long, default);
        await Backend.AddAsync(keys[2], 3, Long, default);
        Assert.True(await Backend.IncrementAndSumAsync(keys, 1, 6, Long, default));
        Assert.False(await Backend.IncrementAndSumAsync(keys, 1, 6, Long, default));
        Assert.False(await Backend.AddAsync(keys[0], 1, Long, default));
        Assert.False(await Backend.IncrementAndSumAsync([.. keys.Reverse()], 1, 6, Long, default));
    }

    [Fact]
    public async Task A_bucket_must_take_its_limit_and_say_when_the_next_begins()
    {
        var key = NewKey();
        var bucket = TimeSpan.FromHours(1000);
        Assert.Null(await Backend.AddToBucketAsync(key, 2, bucket, default));
        Assert.Null(await Backend.AddToBucketAsync(key, 2, bucket, default));
        var wait = await Backend.AddToBucketAsync(key, 2, bucket, default);
        Assert.InRange(wait!.Value, TimeSpan.FromMilliseconds(1), bucket);

        key = NewKey();
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < 3; i++)
            while (await Backend.AddToBucketAsync(key, 1, TimeSpan.FromMilliseconds(200), default) is { } left)
                await Task.Delay(left);
        Assert.True(Stopwatch.GetElapsedTime(began) > TimeSpan.FromMilliseconds(195), "Three buckets were less than a bucket long.");
    }

    [Fact]
    public async Task A_window_must_take_its_limit_in_any_of_its_lengths_of_time()
    {
        var key = NewKey();
        Assert.Null(await Backend.AddToWindowAsync(key, 3, 3_600, default));
        Assert.Null(await Backend.AddToWindowAsync(key, 3, 3_600, default));
        Assert.Null(await Backend.AddToWindowAsync(key, 3, 3_600, default));
        Assert.InRange((await Backend.AddToWindowAsync(key, 3, 3_600, default))!.Value, TimeSpan.FromSeconds(3_000), TimeSpan.FromSeconds(3_600));

        key = NewKey();
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < 3; i++)
            while (await Backend.AddToWindowAsync(key, 1, 2, default) is { } wait)
                await Task.Delay(wait);
        Assert.True(Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(2.9), "Three seconds must lie between three of one each 2 s.");
    }

    [Fact]
    public async Task Slots_must_be_as_many_as_the_limit_and_free_when_given_back()
    {
        var key = NewKey();
        Assert.Null(await TakeAsync(key, "a", 2));
        Assert.Null(await TakeAsync(key, "a", 2));   // it has one already
        Assert.Null(await TakeAsync(key, "b", 2));
        Assert.InRange((await TakeAsync(key, "c", 2))!.Value, TimeSpan.FromMilliseconds(1), Long);
        Assert.Null(await TakeAsync(key, "b", 2));
        await Backend.ReleaseSlotAsync(key, "b", Long, default);
        await Backend.ReleaseSlotAsync(key, "b", Long, default);   // twice frees one
        Assert.Null(await TakeAsync(key, "c", 2));
        Assert.NotNull(await TakeAsync(key, "d", 2));
    }

    [Fact]
    public async Task A_slot_must_be_free_when_its_lease_lapses_and_not_before()
    {
        var key = NewKey();
        var lease = TimeSpan.FromMilliseconds(600);
        var began = Stopwatch.GetTimestamp();
        Assert.Null(await TakeAsync(key, "gone", 1, lease));
        await UntilAsync(async () => await TakeAsync(key, "next", 1) is null);
        Assert.True(Stopwatch.GetElapsedTime(began) >= lease - TimeSpan.FromMilliseconds(2), "It was free before its lease lapsed.");
        Assert.Equal([(key, "gone")], await Backend.RenewSlotsAsync([(key, "gone"), (key, "next")], lease, Long, default));
        await Backend.ReleaseSlotAsync(key, "gone", Long, default);   // it has nothing to give back
        Assert.NotNull(await TakeAsync(key, "another", 1));
    }

    [Fact]
    public async Task A_renewed_slot_must_be_kept()
    {
        await UntilAsync(async () =>
        {
            var key = NewKey();
            var lease = TimeSpan.FromSeconds(2);
            var began = Stopwatch.GetTimestamp();
            var renewed = began;
            Assert.Null(await TakeAsync(key, "holder", 1, lease));
            while (Stopwatch.GetElapsedTime(began) < lease * 1.5)
            {
                var renews = Stopwatch.GetTimestamp();
                var lost = await Backend.RenewSlotsAsync([(key, "holder")], lease, Long, default);
                var refused = await TakeAsync(key, "other", 1);
                if (Stopwatch.GetElapsedTime(renewed) >= lease)
                    return false;   // the machine came too late with it: the lease may have lapsed
                Assert.Empty(lost);
                Assert.NotNull(refused);
                renewed = renews;
                await Task.Delay(100);
            }

            return true;
        });
    }

    [Fact]
    public async Task A_lapsed_slot_must_be_taken_off_the_counter_that_others_share()
    {
        var key = NewKey();
        Assert.True(await Backend.IncrementAsync(key, 1, 3, Long, default));   // somebody without a lease, as Python's are
        Assert.Null(await TakeAsync(key, "gone", 3, TimeSpan.FromMilliseconds(50)));
        Assert.Null(await TakeAsync(key, "here", 3));
        await UntilAsync(async () => await TakeAsync(key, "new", 3) is null);
        Assert.NotNull(await TakeAsync(key, "one too many", 3));
        Assert.False(await Backend.IncrementAsync(key, 1, 3, Long, default));
        await Backend.ReleaseSlotAsync(key, "here", Long, default);
        await Backend.ReleaseSlotAsync(key, "new", Long, default);
        Assert.True(await Backend.DecrementAsync(key, 1, 0, Long, default));
        Assert.False(await Backend.DecrementAsync(key, 1, 0, Long, default));
    }

    [Fact]
    public async Task Slots_must_never_be_more_than_the_limit_whoever_takes_them()
    {
        const int limit = 3;
        var key = NewKey();
        var inside = 0;
        var most = 0;
        var rounds = 0;
        async Task ContendAsync(IRateLimiterBackend backend, int client)
        {
            for (var round = 0; round < 40;)
            {
                if (await backend.TakeSlotAsync(key, $"{client}:{round}", limit, Long, Long, default) is not null)
                {
                    await Task.Yield();
                    continue;
                }

                var now = Interlocked.Increment(ref inside);
                for (var seen = Volatile.Read(ref most); now > seen && Interlocked.CompareExchange(ref most, now, seen) != seen; seen = Volatile.Read(ref most))
                {
                }

                await Task.Yield();
                Interlocked.Decrement(ref inside);
                await backend.ReleaseSlotAsync(key, $"{client}:{round}", Long, default);
                Interlocked.Increment(ref rounds);
                round++;
            }
        }

        var clients = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => NewBackendAsync()));
        await Task.WhenAll(clients.Select(ContendAsync));
        Assert.InRange(most, 1, limit);
        Assert.Equal(16 * 40, rounds);
    }

    [Fact]
    public async Task A_barrier_must_have_one_last_member_however_often_each_arrives()
    {
        var key = NewKey();
        await Backend.AddAsync(key, 3, Long, default);
        Assert.Equal(BarrierArrival.Waits, await Backend.ArriveAsync(key, "a", Long, default));
        Assert.Equal(BarrierArrival.Waits, await Backend.ArriveAsync(key, "a", Long, default));
        Assert.Equal(BarrierArrival.Waits, await Backend.ArriveAsync(key, "b", Long, default));
        Assert.Equal(BarrierArrival.IsLast, await Backend.ArriveAsync(key, "c", Long, default));
        Assert.Equal(BarrierArrival.IsLast, await Backend.ArriveAsync(key, "c", Long, default));
        Assert.Equal(BarrierArrival.Waits, await Backend.ArriveAsync(key, "b", Long, default));
        Assert.Equal(BarrierArrival.Waits, await Backend.ArriveAsync(key, "too late", Long, default));
        Assert.Equal(BarrierArrival.Unknown, await Backend.ArriveAsync(NewKey(), "a", Long, default));
    }

    [Fact]
    public async Task Waiting_must_end_when_the_last_member_arrives()
    {
        var key = NewKey();
        await Backend.AddAsync(key, 2, Long, default);
        await Backend.ArriveAsync(key, "a", Long, default);
        Assert.False(await Backend.WaitAsync(key, TimeSpan.FromMilliseconds(50), default));
        var waiting = Enumerable.Range(0, 20).Select(_ => Backend.WaitAsync(key, Patience, default).AsTask()).ToArray();
        Assert.Equal(BarrierArrival.IsLast, await (await NewBackendAsync()).ArriveAsync(key, "b", Long, default));
        Assert.All(await Task.WhenAll(waiting), Assert.True);
        Assert.True(await Backend.WaitAsync(key, TimeSpan.FromMilliseconds(1), default));
    }

    [Fact]
    public async Task Waiting_must_end_with_an_announcement_or_its_token()
    {
        var key = NewKey();
        using var stop = new CancellationTokenSource();
        var stopped = Backend.WaitAsync(key, Patience, stop.Token).AsTask();
        var waiting = Backend.WaitAsync(key, Patience, default).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopped);
        await (await NewBackendAsync()).NotifyAsync(key, Long, default);
        Assert.True(await waiting);
    }

    [Fact]
    public async Task Who_watches_a_counter_must_be_told_when_a_slot_is_given_back()
    {
        var key = NewKey();
        await TakeAsync(key, "holder", 1);
        var watch = await Backend.WatchAsync(key, default);
        while (await TakeAsync(key, "other", 1) is not null && watch.Changed.IsCompleted)
            watch = await Backend.WatchAsync(key, default);   // told of what was before
        await (await NewBackendAsync()).ReleaseSlotAsync(key, "holder", Long, default);
        await watch.Changed.WaitAsync(Patience);
        Assert.Null(await TakeAsync(key, "other", 1));
    }

    private ValueTask<TimeSpan?> TakeAsync(string key, string holder, int limit, TimeSpan? lease = null) =>
        Backend.TakeSlotAsync(key, holder, limit, lease ?? Long, Long, default);

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, "It never came true.");
            await Task.Delay(10);
        }
    }
}
