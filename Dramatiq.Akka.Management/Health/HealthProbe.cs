using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Management.Hosting;

namespace Dramatiq.Akka.Management.Health;

/// <summary>
/// Says whether a process lives and whether it is ready. It lives as long as its actors answer in time, the consumers and workers of each queue too, and every queue makes progress: no message waits in the process beside a free
/// worker while nothing begins or ends for <c>health.stall</c>, and no queue has more abandoned handlers than workers. A broker that is away is no reason to end the process, since a new
/// one would meet it too: that makes it not ready, and so does a drain.
/// </summary>
internal sealed class HealthProbe(IInspection inspection, ManagementSettings settings, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Progress> _progress = new(StringComparer.Ordinal);

    public async Task<HealthReport> LiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            var pools = await AskAsync(new GetWorkers(), cancellationToken).ConfigureAwait(false);
            return Report([.. pools.Silent.Select(static queue => $"The consumer or the workers of queue {queue} did not answer."), .. pools.Pools.Select(ProblemOf).OfType<string>()]);
        }
        catch (InspectionException error) when (error.Failure is InspectionFailure.NotRunning)
        {
            return HealthReport.Good;   // it starts, or ends in good order
        }
        catch (Exception error) when (error is InspectionException or TimeoutException)
        {
            return Report([$"The actors of this process do not answer within {settings.HealthTimeout.TotalSeconds:0.#} s."]);
        }
    }

    public async Task<HealthReport> ReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            var node = await AskAsync(new GetNode(), cancellationToken).ConfigureAwait(false);
            if (node.State is not NodeState.Running)
                return Report(["This process drains."]);

            var queues = (await AskAsync(new GetQueues(), cancellationToken).ConfigureAwait(false)).Queues;
            // A broker that does not have a queue yet has answered: a process that only sends declares it with the first message.
            if (node.Broker.InspectsQueues && queues.Count > 0 && queues.All(static queue => queue is { Problem: not null, IsUndeclared: false }))
                return Report(["The broker does not answer."]);
            return Report(queues.SelectMany(static queue => new[] { queue.Consumer, queue.DelayConsumer })
                .Where(static consumer => consumer?.State is ConsumerState.Connecting).Select(static consumer => $"The consumer of {consumer!.Queue} has no connection to the broker."));
        }
        catch (InspectionException error)
        {
            return Report([error.Failure switch
            {
                InspectionFailure.BrokerAway => "The broker does not answer.",
                InspectionFailure.NotRunning => "This process has not started yet, or drains.",
                _ => "The actors of this process do not answer.",
            }]);
        }
        catch (TimeoutException)
        {
            return Report([$"There was no answer within {settings.HealthTimeout.TotalSeconds:0.#} s."]);
        }
    }

    private async Task<TAnswer> AskAsync<TAnswer>(IQuestion<TAnswer> question, CancellationToken cancellationToken) =>
        await inspection.AskAsync(question, cancellationToken).WaitAsync(settings.HealthTimeout, time, cancellationToken).ConfigureAwait(false);

    private string? ProblemOf(PoolReport pool)
    {
        if (pool.Abandoned > pool.Workers)
            return $"Queue {pool.Queue} has {pool.Abandoned} handlers that did not come back, and {pool.Workers} workers.";

        var now = time.GetUtcNow();
        var seen = new Progress(pool.Busy, pool.Waiting, pool.Running.Count > 0 ? pool.Running[0].Since : default, now);
        lock (_lock)
        {
            var stands = pool.Waiting > 0 && pool.Busy < pool.Workers;
            if (!stands || !_progress.TryGetValue(pool.Queue, out var before) || !before.IsSame(seen))
            {
                _progress[pool.Queue] = seen;
                return null;
            }

            return now - before.Since >= settings.Stall ? $"Queue {pool.Queue} has {pool.Waiting} messages and free workers here, and nothing has moved for {(now - before.Since).TotalSeconds:0} s." : null;
        }
    }

    private static HealthReport Report(IEnumerable<string> problems) => problems.ToList() is { Count: > 0 } found ? new HealthReport("unhealthy", found) : HealthReport.Good;

    private sealed record Progress(int Busy, int Waiting, DateTimeOffset Oldest, DateTimeOffset Since)
    {
        public bool IsSame(Progress other) => Busy == other.Busy && Waiting == other.Waiting && Oldest == other.Oldest;
    }
}

/// <summary>How a process is.</summary>
/// <param name="Status"><c>healthy</c> or <c>unhealthy</c>.</param>
/// <param name="Problems">Why not; shown only to who may look.</param>
internal sealed record HealthReport(string Status, IReadOnlyList<string> Problems)
{
    public static HealthReport Good { get; } = new("healthy", []);

    public bool IsGood => Problems.Count == 0;
}
