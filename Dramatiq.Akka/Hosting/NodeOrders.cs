using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Consumers;

namespace Dramatiq.Akka.Hosting;

/// <summary>Gives orders to the consumers of this process, and completes when they are carried out.</summary>
internal sealed class NodeOrders(IActorRef node)
{
    private readonly Task _gone = node.WatchAsync();   // a node that is gone answers nobody

    /// <param name="queue">The canonical name; its delay queue is meant too.</param>
    /// <param name="isOwn">Whether this process is paused on its own account, and not with all others.</param>
    public Task PauseAsync(string queue, bool isOwn = true) => ToBothAsync(queue, name => GiveAsync(name, new QueueConsumer.Pause(), isOwn));

    public Task ResumeAsync(string queue) => ToBothAsync(queue, name => GiveAsync(name, new QueueConsumer.Resume()));

    public Task ScaleAsync(string queue, int workers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        if (QueueName.IsDelay(queue))
            throw new ArgumentException($"Queue '{queue}' is a delay queue, which has no workers: scale '{QueueName.Canonical(queue)}'.", nameof(queue));
        return GiveAsync(queue, new QueueConsumer.ScaleWorkers(workers));
    }

    /// <summary>What is paused for all processes, of the queues that are consumed here.</summary>
    public void PauseEverywhere(IReadOnlySet<string> queues) => node.Tell(new DramatiqNode.PausedEverywhere(queues), ActorRefs.NoSender);

    public async Task<T> AskAsync<T>(object question)
    {
        var answer = node.Ask<T>(question, Timeout.InfiniteTimeSpan);
        await Task.WhenAny(answer, _gone).ConfigureAwait(false);
        return answer.IsCompleted ? await answer.ConfigureAwait(false) : throw new TaskSystemDrainsException("The consumers of this process");
    }

    public async Task DrainAsync() => await Task.WhenAny(node.Ask<DramatiqNode.Drained>(DramatiqNode.Drain.Instance, Timeout.InfiniteTimeSpan), _gone).ConfigureAwait(false);

    /// <summary>At once to the queue and its delay queue; what the queue itself says comes first.</summary>
    private static async Task ToBothAsync(string queue, Func<string, Task> give)
    {
        var (first, second) = (give(queue), QueueName.Delay(queue) is var delay && delay != queue ? give(delay) : Task.CompletedTask);
        await Task.WhenAll(first, second).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first.ConfigureAwait(false);
        await second.ConfigureAwait(false);
    }

    private async Task GiveAsync(string queue, QueueConsumer.IOrder order, bool isOwn = true)
    {
        switch (await AskAsync<object>(new DramatiqNode.ToQueue(queue, order, isOwn)).ConfigureAwait(false))
        {
            case DramatiqNode.NotConsumed unknown: throw new QueueNotConsumedException(queue, unknown.Consumed);
            case DramatiqNode.NoMoreOrders: throw new TaskSystemDrainsException($"Queue '{queue}'");
        }
    }
}
