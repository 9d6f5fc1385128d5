using StackExchange.Redis;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>
/// The names of the keys: those of Python's Dramatiq, and some of ours beside them, with a colon that no queue name can hold, so that neither side meets the other's by chance.
/// </summary>
internal sealed class RedisKeys(string ns)
{
    public RedisKey Heartbeats { get; } = ns + ":__heartbeats__";

    /// <summary>The names of what a worker holds start like this; the queue follows.</summary>
    public string HeldPrefix(string worker) => $"{ns}:__acks__.{worker}.";

    /// <summary>The names of what all workers hold start like this.</summary>
    public string HeldPrefixOfAll { get; } = ns + ":__acks__.";

    public RedisKey Held(string worker, string queue) => HeldPrefix(worker) + queue;

    /// <summary>The list of a queue or delay queue, the sorted set of a dead-letter queue.</summary>
    public RedisKey Ids(string queue) => $"{ns}:{queue}";

    public RedisKey Bodies(string queue) => $"{ns}:{queue}.msgs";

    /// <summary>Ours: how often a message was handed out before, of those that were.</summary>
    public RedisKey Deliveries(string queue) => $"{ns}:deliveries:{queue}";

    /// <summary>Ours: the queues that are paused for every process, and the name of the channel that tells of them.</summary>
    public RedisKey Paused { get; } = ns + ":inspection:paused";

    /// <summary>Ours: the life of one message.</summary>
    public RedisKey Life(string messageId) => $"{ns}:life:{messageId}";

    /// <summary>Ours: the etas of a delay queue.</summary>
    public RedisKey Etas(string queue) => $"{ns}:etas:{QueueName.Delay(queue)}";
}
