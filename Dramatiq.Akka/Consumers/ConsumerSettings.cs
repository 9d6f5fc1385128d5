namespace Dramatiq.Akka.Consumers;

/// <summary>How one queue is consumed.</summary>
/// <param name="Queue">The queue as on the wire: <c>q</c> or <c>q.DQ</c>.</param>
/// <param name="Prefetch">How many deliveries may be unsettled; see <see cref="Brokers.IFreesCredit"/> for those beyond.</param>
/// <param name="Workers">How many workers the pool has; 0 for a delay queue, which needs none.</param>
/// <param name="MaxDeliveries">How often a message may be handed out before it is taken for one that brings workers down.</param>
/// <param name="DeclareTimeout">How long the broker may take to declare the queue.</param>
/// <param name="ReconnectMin">The shortest wait before connecting anew.</param>
/// <param name="ReconnectMax">The longest.</param>
internal sealed record ConsumerSettings(string Queue, int Prefetch, int Workers, int MaxDeliveries, TimeSpan DeclareTimeout, TimeSpan ReconnectMin, TimeSpan ReconnectMax);
