using System.Diagnostics;
using System.Text.RegularExpressions;
using Akka.Event;
using StackExchange.Redis;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>Housekeeping that any worker does for all: what a dead worker held goes back to every queue that it held some of, and old dead letters go.</summary>
internal sealed partial class Reclaimer(RedisLink link, RedisSettings settings, RedisKeys keys, Func<IEnumerable<string>> queues, ILoggingAdapter log)
{
    private static readonly TimeSpan TrimInterval = TimeSpan.FromMinutes(1);
    private const int Step = 1_000;

    private long _trimmed;

    /// <summary>
    /// Nobody writes down which queues a worker holds messages of, Python least of all, so their names are looked for: with one SCAN for all the dead, which lets other
    /// commands in between, and only when somebody has died.
    /// </summary>
    public async Task ReclaimAsync(string[] workers, CancellationToken cancellationToken)
    {
        var dead = new Dictionary<string, string>(StringComparer.Ordinal);   // by the beginning of their keys
        foreach (var worker in workers) dead[keys.HeldPrefix(worker)] = worker;
        RedisValue pattern = Escaped(workers.Length == 1 ? keys.HeldPrefix(workers[0]) : keys.HeldPrefixOfAll) + "*";
        RedisValue cursor = 0;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            var answer = (RedisResult[])(await link.RunAsync(RedisScript.Scan, [keys.Heartbeats], [cursor, pattern]).ConfigureAwait(false))!;
            cursor = (RedisValue)answer[0];
            foreach (var held in (RedisValue[])answer[1]!) await ReclaimAsync(held.ToString(), dead).ConfigureAwait(false);
        }
        while (cursor != 0 && dead.Count > 0);

        foreach (var worker in dead.Values) await link.RunAsync(RedisScript.Forget, [keys.Heartbeats], [worker, settings.HeartbeatTimeoutMs]).ConfigureAwait(false);
    }

    /// <summary>Now and then, drops the dead letters that are too old.</summary>
    public async Task TrimAsync()
    {
        if (settings.DeadMessageTtlMs < 0 || (_trimmed != 0 && Stopwatch.GetElapsedTime(_trimmed) < TrimInterval)) return;
        _trimmed = Stopwatch.GetTimestamp();
        foreach (var queue in queues())
        {
            var dead = QueueName.Dead(queue);
            while ((long)await link.RunAsync(RedisScript.Trim, [keys.Ids(dead), keys.Bodies(dead)], [settings.DeadMessageTtlMs]).ConfigureAwait(false) == Step)
            {
            }
        }
    }

    /// <summary>Gives back what a key has, if it is of one of the dead. Who turns out to live is none of them any more.</summary>
    private async Task ReclaimAsync(string held, Dictionary<string, string> dead)
    {
        foreach (var (prefix, worker) in dead)
        {
            if (!held.StartsWith(prefix, StringComparison.Ordinal)) continue;
            if (!await ReclaimAsync(worker, held[prefix.Length..]).ConfigureAwait(false)) dead.Remove(prefix);
            return;
        }
    }

    /// <returns>False when the worker lives after all.</returns>
    private async Task<bool> ReclaimAsync(string worker, string queue)
    {
        long taken, total = 0;
        do
        {
            taken = (long)await link.RunAsync(
                RedisScript.Reclaim,
                [keys.Heartbeats, keys.Held(worker, queue), keys.Ids(queue), keys.Bodies(queue), keys.Deliveries(queue)],
                [worker, settings.HeartbeatTimeoutMs, RedisSettings.DeliveryCountTtlMs, QueueName.IsDelay(queue) ? "RPUSH" : "LPUSH"]).ConfigureAwait(false);
            total += Math.Max(taken, 0);
        }
        while (taken == Step);

        if (total > 0) log.Warning("Worker {0} was silent for more than {1} ms: {2} messages that it held are back in {3}.", worker, settings.HeartbeatTimeoutMs, total, queue);
        return taken >= 0;
    }

    private static string Escaped(string text) => GlobCharacter().Replace(text, @"\$0");

    [GeneratedRegex(@"[*?\[\]\\^]")]
    private static partial Regex GlobCharacter();
}
