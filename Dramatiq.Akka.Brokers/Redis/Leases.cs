using System.Collections.Concurrent;
using System.Diagnostics;
using Akka.Event;
using StackExchange.Redis;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>One consumer's right to what it fetched: known to all as alive by a heartbeat, and lost when that stays out.</summary>
internal sealed class Lease(string worker, Action lapsed)
{
    private long _renewed = Stopwatch.GetTimestamp();

    public string Worker { get; } = worker;

    public bool HasLapsed { get; private set; }

    public TimeSpan SinceRenewal => Stopwatch.GetElapsedTime(Volatile.Read(ref _renewed));

    /// <param name="asked">When the renewal was sent: the server counts from no earlier.</param>
    public void Renewed(long asked) => Volatile.Write(ref _renewed, asked);

    public void Lapse()
    {
        HasLapsed = true;
        lapsed();
    }
}

/// <summary>Renews the leases of this process, and gives back what the dead of all processes held. A process that consumes nothing has none and beats no heart.</summary>
internal sealed class Leases(RedisLink link, RedisSettings settings, RedisKeys keys, Reclaimer reclaimer, ILoggingAdapter log) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lease> _leases = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private Task? _beating;
    private Task _housekeeping = Task.CompletedTask;

    public async Task<Lease> JoinAsync(Action lapsed)
    {
        var lease = new Lease(Guid.NewGuid().ToString(), lapsed);
        var asked = Stopwatch.GetTimestamp();
        await link.RunAsync(RedisScript.Join, [keys.Heartbeats], [lease.Worker]).ConfigureAwait(false);
        lease.Renewed(asked);
        _leases[lease.Worker] = lease;
        lock (_gate) _beating ??= Task.Run(BeatAsync, CancellationToken.None);
        return lease;
    }

    public void Leave(Lease lease) => _leases.TryRemove(lease.Worker, out _);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        if (_beating is { } beating) await beating.ConfigureAwait(false);
        await _housekeeping.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task BeatAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            var pause = settings.BeatInterval;
            try
            {
                if (await RenewAsync().ConfigureAwait(false) is { } untilNextDeath && untilNextDeath < pause) pause = untilNextDeath;
            }
            catch (BrokerException error)
            {
                log.Debug("Leases could not be renewed: {0}", error.Message);
                pause = Soon(pause);
            }
            catch (Exception error)
            {
                log.Error(error, "Leases could not be renewed.");
                pause = Soon(pause);
            }

            await Task.Delay(pause, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Beside the heartbeat, which must not wait for it: on a server of many keys it takes longer than a lease lasts. Who is still dead then is named again by a later beat.</summary>
    private async Task KeepHouseAsync(RedisValue[] dead)
    {
        try
        {
            if (dead.Length > 0) await reclaimer.ReclaimAsync(Array.ConvertAll(dead, static worker => worker.ToString()), _stopping.Token).ConfigureAwait(false);
            await reclaimer.TrimAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Others do it.
        }
        catch (BrokerException error)
        {
            log.Debug("What the dead held could not be given back: {0}", error.Message);
        }
        catch (Exception error)
        {
            log.Error(error, "What the dead held could not be given back.");
        }
    }

    /// <summary>A lease has a fixed time to live, so what failed is not left until the next turn.</summary>
    private static TimeSpan Soon(TimeSpan pause) => TimeSpan.FromMilliseconds(Math.Min(pause.TotalMilliseconds, 500));

    /// <returns>When the next worker of any process may be dead; null when nobody is near that.</returns>
    private async Task<TimeSpan?> RenewAsync()
    {
        var leases = _leases.Values.ToArray();
        var args = new RedisValue[leases.Length + 1];
        args[0] = settings.HeartbeatTimeoutMs;
        for (var i = 0; i < leases.Length; i++) args[i + 1] = leases[i].Worker;

        var asked = Stopwatch.GetTimestamp();
        var answer = (RedisResult[])(await link.RunAsync(RedisScript.Beat, [keys.Heartbeats], args).ConfigureAwait(false))!;
        var lapsed = ((RedisValue[])answer[0]!).Select(static worker => worker.ToString()).ToHashSet(StringComparer.Ordinal);
        foreach (var lease in leases)
        {
            if (!lapsed.Contains(lease.Worker))
            {
                lease.Renewed(asked);
            }
            else if (_leases.TryRemove(lease.Worker, out _))
            {
                log.Warning("A consumer was silent for more than {0} ms, so others may have taken what it held; it starts anew.", settings.HeartbeatTimeoutMs);
                lease.Lapse();
            }
        }

        if (_housekeeping.IsCompleted) _housekeeping = KeepHouseAsync((RedisValue[])answer[1]!);
        var next = (long)answer[2];
        return next < 0 ? null : TimeSpan.FromMilliseconds(next + 5);
    }
}
