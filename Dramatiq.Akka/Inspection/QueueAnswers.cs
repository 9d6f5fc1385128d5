using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Inspection;

/// <summary>Answers about queues, consumers and workers: what the broker says, and what this process's actors say.</summary>
internal sealed class QueueAnswers(InspectionParts parts, LocalLook look)
{
    private const int MostRunning = 1_000;

    /// <summary>Queues that are asked about at the same time: enough that a page of them takes a few round trips, and no more than a broker should notice.</summary>
    private const int AtOnce = 16;

    public async Task<QueueList> ListAsync(TrafficSample before)
    {
        var sight = await look.LookAsync().ConfigureAwait(false);
        var paused = await PausedAsync().ConfigureAwait(false);
        var names = new SortedSet<string>(parts.Declarations.Queues, StringComparer.Ordinal);
        string? problem = null;
        try
        {
            if (parts.Broker is IInspectsQueues inspected)
                names.UnionWith(await inspected.GetQueuesAsync(CancellationToken.None).ConfigureAwait(false));
        }
        catch (BrokerException error)
        {
            problem = error.Message;
        }

        var reports = new List<QueueReport>(names.Count);
        foreach (var some in names.Chunk(AtOnce))
            reports.AddRange(await Task.WhenAll(some.Select(name => ReportAsync(name, sight, before, paused, problem))).ConfigureAwait(false));
        return new QueueList(reports);
    }

    public async Task<QueueReport> OneAsync(string queue, TrafficSample before)
    {
        await RequireAsync(queue).ConfigureAwait(false);
        return await ReportAsync(queue, await look.LookAsync(queue).ConfigureAwait(false), before, await PausedAsync().ConfigureAwait(false), null).ConfigureAwait(false);
    }

    public async Task<ConsumerList> ConsumersAsync()
    {
        var sight = await look.LookAsync().ConfigureAwait(false);
        return new ConsumerList([.. sight.Queues.OrderBy(static one => one.Key, StringComparer.Ordinal)
            .SelectMany(static one => new[] { ReportOf(one.Value.Queue), ReportOf(one.Value.Delay) })
            .OfType<ConsumerReport>()]);
    }

    public async Task<PoolList> WorkersAsync(string? queue)
    {
        var sight = await look.LookAsync(queue, MostRunning).ConfigureAwait(false);
        if (queue is not null && !sight.Queues.ContainsKey(queue))
            throw new QueueNotConsumedException(queue, parts.Declarations.ConsumedQueues);

        return new PoolList([.. sight.Queues.OrderBy(static one => one.Key, StringComparer.Ordinal)
            .Select(one => ReportOf(one.Key, one.Value.Pool)).OfType<PoolReport>()]) { Silent = await SilentAsync(sight, queue).ConfigureAwait(false) };
    }

    /// <summary>The queues that are to be consumed here and of which something hangs or is gone. In a drain everything goes, one after the other.</summary>
    private async Task<IReadOnlyList<string>> SilentAsync(LocalSight sight, string? queue)
    {
        string[] silent = [.. parts.Declarations.ConsumedQueues.Where(name => (queue is null || name == queue) && sight.Queues.GetValueOrDefault(name) is not { IsWhole: true })
            .Order(StringComparer.Ordinal)];
        return silent.Length > 0 && sight.State is NodeState.Running && await look.StateAsync().ConfigureAwait(false) is NodeState.Running ? silent : [];
    }

    /// <exception cref="QueueNotFoundException">Neither this process nor the broker knows the queue.</exception>
    public async Task RequireAsync(string queue)
    {
        if (parts.Declarations.Queues.Contains(queue))
            return;

        var known = parts.Broker is IInspectsQueues inspected ? await inspected.GetQueuesAsync(CancellationToken.None).ConfigureAwait(false) : parts.Declarations.Queues;
        if (!known.Contains(queue))
            throw new QueueNotFoundException(queue, known.Union(parts.Declarations.Queues));
    }

    private async Task<QueueReport> ReportAsync(string queue, LocalSight sight, TrafficSample before, IReadOnlySet<string>? paused, string? problem)
    {
        var stats = new QueueStats(queue, null, null, null, null);
        var isUndeclared = false;
        try
        {
            if (parts.Broker is IInspectsQueues inspected)
                stats = problem is null ? await inspected.GetStatsAsync(queue, CancellationToken.None).ConfigureAwait(false) : stats;
            else
                problem = $"The broker '{parts.Broker.Name}' does not tell what its queues hold.";
        }
        catch (QueueNotFoundException)
        {
            isUndeclared = true;
            problem = "The queue is not declared at the broker yet.";
        }
        catch (BrokerException error)
        {
            problem = error.Message;
        }

        var now = parts.Time.GetUtcNow();
        var here = sight.Queues.GetValueOrDefault(queue);
        var counts = TrafficCounts.Of(queue, sight, before.Counts);
        return new QueueReport(
            queue, stats.Ready, stats.Delayed, stats.InFlight, stats.Dead,
            stats.OldestReady is { } oldest ? Math.Max(0, (long)(now - oldest).TotalMilliseconds) : null,
            here?.IsPausedHere == true,
            parts.Broker is IKeepsPauses ? paused?.Contains(queue) ?? here?.IsPausedEverywhere : null,
            before.To(queue, now, counts),
            ReportOf(here?.Queue), ReportOf(here?.Delay), ReportOf(queue, here?.Pool), problem) { IsUndeclared = isUndeclared };
    }

    /// <summary>Null when the broker does not say so now, or cannot.</summary>
    public async Task<IReadOnlySet<string>?> PausedAsync()
    {
        try
        {
            return parts.Broker is IKeepsPauses keeper ? await keeper.GetPausedAsync(CancellationToken.None).ConfigureAwait(false) : null;
        }
        catch (BrokerException)
        {
            return null;   // each queue's report tells why
        }
    }

    private static ConsumerReport? ReportOf(QueueConsumer.Snapshot? seen) => seen is null ? null : new ConsumerReport(
        seen.Queue, seen.State, seen.Prefetch, seen.InFlight, seen.State is ConsumerState.Consuming ? Math.Max(0, seen.Prefetch - seen.InFlight) : 0,
        seen.Reconnects, seen.LastProblem, seen.LastProblemAt);

    private PoolReport? ReportOf(string queue, WorkerPool.Report? pool) => pool is null ? null : new PoolReport(
        queue, pool.Snapshot.Workers, pool.Snapshot.Busy, pool.Snapshot.Waiting, pool.Snapshot.Abandoned,
        [.. pool.Running.Select(one => ReportOf(one, parts.Time)).OrderByDescending(static one => one.RunningMs)]);

    public static WorkerReport ReportOf(WorkerPool.Running one, TimeProvider time)
    {
        var elapsed = time.GetElapsedTime(one.Since);
        return new WorkerReport(
            one.Worker, one.IsAbandoned, one.IsRetiring, one.Work.Message.MessageId, one.Work.Actor.Name, AttemptOf(one.Work.Message), time.GetUtcNow() - elapsed, (long)elapsed.TotalMilliseconds);
    }

    private static int AttemptOf(Messages.Message message) =>
        message.Options.TryGetInt64(Messages.OptionNames.Retries, out var retries) ? (int)Math.Clamp(retries + 1, 1, int.MaxValue) : 1;
}
