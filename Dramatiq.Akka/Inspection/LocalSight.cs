using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Enqueueing;
using Dramatiq.Akka.Hosting;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Inspection;

/// <summary>What this process's actors say of themselves, all at one moment as near as may be.</summary>
/// <param name="State">What the process does.</param>
/// <param name="Gateway">What the gateway has done; null when it did not answer in time.</param>
/// <param name="Queues">The queues consumed here, by canonical name.</param>
internal sealed record LocalSight(NodeState State, GatewayProtocol.Snapshot? Gateway, IReadOnlyDictionary<string, QueueSight> Queues);

/// <summary>One queue that is consumed here. What did not answer in time is null.</summary>
internal sealed record QueueSight(bool IsPausedHere, bool IsPausedEverywhere, IActorRef Consumer, IActorRef? DelayConsumer, QueueConsumer.Snapshot? Queue, QueueConsumer.Snapshot? Delay, WorkerPool.Report? Pool)
{
    /// <summary>Whether all that there is answered.</summary>
    public bool IsWhole => Queue is not null && Pool is not null && (DelayConsumer is null || Delay is not null);
}

/// <summary>Asks this process's actors. Each answers between two messages; none is waited for longer than a moment.</summary>
internal sealed class LocalLook(NodeOrders node, IActorRef gateway)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <param name="queue">One queue; null for all.</param>
    /// <param name="mostWorks">How many of the messages in hand to tell of each pool.</param>
    public async Task<LocalSight> LookAsync(string? queue = null, int mostWorks = 0)
    {
        var asked = gateway.Ask<GatewayProtocol.Snapshot>(GatewayProtocol.GetSnapshot.Instance, Patience);
        var here = await node.AskAsync<DramatiqNode.Snapshot>(DramatiqNode.GetSnapshot.Instance).ConfigureAwait(false);
        var consumers = here.Consumers.ToDictionary(static one => one.Queue, StringComparer.Ordinal);
        var sights = await Task.WhenAll(here.Consumers
            .Where(one => !Brokers.QueueName.IsDelay(one.Queue) && (queue is null || one.Queue == queue))
            .Select(async one => (one.Queue, await LookAsync(one, consumers.GetValueOrDefault(Brokers.QueueName.Delay(one.Queue)), mostWorks).ConfigureAwait(false)))).ConfigureAwait(false);
        return new LocalSight(
            here.State,
            await OrNullAsync(asked).ConfigureAwait(false),
            sights.ToDictionary(static one => one.Queue, static one => one.Item2, StringComparer.Ordinal));
    }

    public async Task<NodeState> StateAsync() => (await node.AskAsync<DramatiqNode.Snapshot>(DramatiqNode.GetSnapshot.Instance).ConfigureAwait(false)).State;

    private static async Task<QueueSight> LookAsync(DramatiqNode.ConsumerSnapshot queue, DramatiqNode.ConsumerSnapshot? delay, int mostWorks)
    {
        var consumer = queue.Consumer.Ask<QueueConsumer.Snapshot>(QueueConsumer.GetSnapshot.Instance, Patience);
        var delayConsumer = delay?.Consumer.Ask<QueueConsumer.Snapshot>(QueueConsumer.GetSnapshot.Instance, Patience);
        var pool = queue.Consumer.Ask<WorkerPool.Report>(new WorkerPool.GetReport(mostWorks), Patience);
        return new QueueSight(
            queue.IsPausedHere, queue.IsPausedEverywhere, queue.Consumer, delay?.Consumer,
            await OrNullAsync(consumer).ConfigureAwait(false),
            delayConsumer is null ? null : await OrNullAsync(delayConsumer).ConfigureAwait(false),
            await OrNullAsync(pool).ConfigureAwait(false));
    }

    /// <summary>An actor that is just being replaced, or has more to do than it should: the others are told of all the same.</summary>
    private static async Task<T?> OrNullAsync<T>(Task<T> asked) where T : class
    {
        try
        {
            return await asked.ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }
}
