using Akka.Event;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>What the consumers of one broker share.</summary>
internal sealed record RedisParts(RedisLink Link, RedisSettings Settings, RedisKeys Keys, WakeUps WakeUps, Leases Leases, ILoggingAdapter Log)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <summary>Repeats what may be repeated, until it goes through, or until the lease that it rests on has lapsed.</summary>
    /// <param name="command">The command: told twice, it does no more than told once.</param>
    /// <param name="lease">The lease.</param>
    /// <param name="patience">How long to try at the most; null for as long as the lease lasts.</param>
    public async ValueTask PersistAsync(Func<ValueTask<StackExchange.Redis.RedisResult>> command, Lease lease, TimeSpan? patience = null)
    {
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        for (var pause = Settings.PollMin; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                await command().ConfigureAwait(false);
                return;
            }
            catch (BrokerException error) when (error.IsTransient && !lease.HasLapsed && lease.SinceRenewal < Settings.HeartbeatTimeout
                && !(System.Diagnostics.Stopwatch.GetElapsedTime(started) > patience))
            {
                await Task.Delay(pause).ConfigureAwait(false);
            }
        }
    }
}
