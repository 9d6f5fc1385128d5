using Akka;
using Akka.Streams.Dsl;
using RabbitMQ.Client;

namespace Dramatiq.Akka.Brokers.RabbitMq.Streams;

/// <summary>Akka.Streams flows and sinks that publish to RabbitMQ, each message confirmed, many of them in flight. Usable without the rest of this library.</summary>
/// <remarks>They open their channel asynchronously when they start, and fail with <see cref="AmqpEndedException"/> when it closes or the connection is lost; nothing is then known of what was in flight.</remarks>
public static class AmqpFlow
{
    /// <summary>Publishes what comes, and passes on what became of each message, in order.</summary>
    /// <param name="connect">Gives an open connection. It stays the caller's, and can be shared.</param>
    /// <param name="settings">How much may be in flight; null for the defaults.</param>
    /// <returns>A flow; its materialized task tells how its channel ended, and never fails.</returns>
    public static Flow<AmqpPublication, AmqpPublished, Task<AmqpEnd>> Confirmed(Func<CancellationToken, Task<IConnection>> connect, AmqpFlowSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(connect);
        return Flow.FromGraph(new AmqpFlowStage(connect, settings ?? new AmqpFlowSettings()));
    }
}

/// <summary>See <see cref="AmqpFlow"/>.</summary>
public static class AmqpSink
{
    /// <summary>Publishes what comes.</summary>
    /// <param name="connect">Gives an open connection. It stays the caller's, and can be shared.</param>
    /// <param name="settings">How much may be in flight; null for the defaults.</param>
    /// <returns>A sink; its task completes when every message is confirmed, and fails with the first that is not.</returns>
    public static Sink<AmqpPublication, Task<Done>> Confirmed(Func<CancellationToken, Task<IConnection>> connect, AmqpFlowSettings? settings = null) =>
        AmqpFlow.Confirmed(connect, settings)
            .Select(static published => published.Failure is { } failure ? throw failure : published)
            .ToMaterialized(Sink.Ignore<AmqpPublished>(), Keep.Right);
}
