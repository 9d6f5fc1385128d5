using Akka.Event;
using StackExchange.Redis;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>
/// The consumer of a delay queue: it delivers nothing, and moves what is due into the queue itself, within the server. Nothing is held meanwhile, so a delayed
/// message costs no memory here, and is there for a Python worker to take.
/// </summary>
internal sealed class DelayMover(RedisParts parts, string queue) : IRedisConsumer
{
    private const int BatchSize = 256;
    private const int SweepSize = 1_000;

    /// <summary>How far from its end the list is looked through for new messages at each change.</summary>
    private const int Tail = 256;

    /// <summary>Well over the longest time between two looks; who comes later looks through the whole list anyway.</summary>
    private const long IndexTtlMs = 600_000;

    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly string _canonical = QueueName.Canonical(queue);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private Action<Exception?> _end = static _ => { };
    private Task _moving = Task.CompletedTask;
    private bool _closed;
    private long _swept;

    public void Start(Action<IReadOnlyList<Delivery>> emit, Action<Exception?> end)
    {
        lock (_gate)
        {
            _end = end;
            if (_closed)
                end(null);
            else
                _moving = Task.Run(RunAsync, CancellationToken.None);
        }
    }

    public void Pull()
    {
    }

    public ValueTask SettleAsync(IReadOnlyList<Settlement> settlements) => ValueTask.CompletedTask;

    public async ValueTask StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _moving.ConfigureAwait(false);
    }

    public async ValueTask CloseAsync()
    {
        lock (_gate)
        {
            if (_closed) return;
            _closed = true;
        }

        await StopAsync().ConfigureAwait(false);
        _end(null);
    }

    private async Task RunAsync()
    {
        var failures = 0;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await MoveAllDueAsync().ConfigureAwait(false);
                failures = 0;
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (BrokerException error) when (error.IsTransient)
            {
                // Not an end of the consumer: delayed messages should not wait for its back-off too.
                if (failures == 0) parts.Log.Warning("Queue {0}: messages that fall due have to wait: {1}", queue, error.Message);
                var pause = parts.Settings.PollMin * Math.Pow(2, Math.Min(failures++, 20));
                await Task.Delay(pause < LongestPause ? pause : LongestPause, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception error)
            {
                _end(error);
                return;
            }
        }
    }

    private async Task MoveAllDueAsync()
    {
        var misses = 0;
        while (true)
        {
            _stopping.Token.ThrowIfCancellationRequested();
            var watched = await parts.WakeUps.WatchAsync(parts.Keys.Ids(queue), misses++, _stopping.Token).ConfigureAwait(false);
            var found = await LookAsync().ConfigureAwait(false);
            await IndexAsync(found.New).ConfigureAwait(false);
            await PromoteAsync(found.Due).ConfigureAwait(false);
            if (found.Missing || _swept == 0 || System.Diagnostics.Stopwatch.GetElapsedTime(_swept) > SweepInterval) await SweepAsync().ConfigureAwait(false);
            if (found.Due.Count > 0 || found.New.Count > 0)
            {
                misses = 0;
                continue;
            }

            var pause = found.UntilNext is >= 0 and var next && next < SweepInterval.TotalMilliseconds ? TimeSpan.FromMilliseconds(next) : SweepInterval;
            await WaitAsync(watched.Changed, pause).ConfigureAwait(false);
        }
    }

    private async Task WaitAsync(Task changed, TimeSpan longest)
    {
        try
        {
            await changed.WaitAsync(longest, _stopping.Token).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The next one is due.
        }
    }

    private async Task<Findings> LookAsync()
    {
        var answer = (RedisResult[])(await parts.Link.RunAsync(
            RedisScript.Due, [parts.Keys.Ids(queue), parts.Keys.Bodies(queue), parts.Keys.Etas(queue)], [BatchSize, Tail, IndexTtlMs]).ConfigureAwait(false))!;
        return new Findings(Pairs(answer[0], answer[1]), Pairs(answer[2], answer[3]), (long)answer[4], (long)answer[5] == 1);
    }

    /// <summary>Looks through the whole list: at the start, when messages without an eta are missing, and now and then.</summary>
    private async Task SweepAsync()
    {
        for (long at = 0, looked = 1; looked > 0; at += looked)
        {
            var answer = (RedisResult[])(await parts.Link.RunAsync(
                RedisScript.Sweep, [parts.Keys.Ids(queue), parts.Keys.Bodies(queue), parts.Keys.Etas(queue)], [at, SweepSize]).ConfigureAwait(false))!;
            looked = (long)answer[0];
            await IndexAsync(Pairs(answer[1], answer[2])).ConfigureAwait(false);
            _stopping.Token.ThrowIfCancellationRequested();
        }

        _swept = System.Diagnostics.Stopwatch.GetTimestamp();
    }

    private async Task IndexAsync(IReadOnlyList<(RedisValue Id, RedisValue Body)> found)
    {
        if (found.Count == 0) return;
        var args = new RedisValue[1 + 2 * found.Count];
        args[0] = IndexTtlMs;
        for (var i = 0; i < found.Count; i++) (args[2 * i + 1], args[2 * i + 2]) = (DelayedMessage.EtaOf(found[i].Body), found[i].Id);
        await parts.Link.RunAsync(RedisScript.Index, [parts.Keys.Etas(queue)], args).ConfigureAwait(false);
    }

    private async Task PromoteAsync(IReadOnlyList<(RedisValue Id, RedisValue Body)> due)
    {
        if (due.Count == 0) return;
        var keys = parts.Keys;
        var dead = QueueName.Dead(_canonical);
        var args = new RedisValue[2 + (4 * due.Count)];
        (args[0], args[1]) = (-1, -1);   // due by the index, which does not know their places
        for (var i = 0; i < due.Count; i++)
        {
            var (what, newId, body) = DelayedMessage.Promoted(due[i].Body, _canonical);
            (args[4 * i + 2], args[4 * i + 3], args[4 * i + 4], args[4 * i + 5]) = (what, due[i].Id, newId, body);
            if (what == DelayedMessage.Dead) parts.Log.Error("A body of {0} bytes on {1} went to {2}, since it is no message.", due[i].Body.Length(), queue, dead);
        }

        await parts.Link.RunAsync(
            RedisScript.Promote,
            [keys.Ids(queue), keys.Bodies(queue), keys.Etas(queue), keys.Ids(_canonical), keys.Bodies(_canonical), keys.Ids(dead), keys.Bodies(dead)],
            args).ConfigureAwait(false);
    }

    private static (RedisValue, RedisValue)[] Pairs(RedisResult ids, RedisResult bodies) =>
        [.. ((RedisValue[])ids!).Zip((RedisValue[])bodies!)];

    private sealed record Findings(IReadOnlyList<(RedisValue Id, RedisValue Body)> Due, IReadOnlyList<(RedisValue Id, RedisValue Body)> New, long UntilNext, bool Missing);
}
