namespace Dramatiq.Akka.Brokers.RabbitMq.Streams;

/// <summary>How a flow publishes.</summary>
public sealed record AmqpFlowSettings
{
    /// <summary>How many messages may be unconfirmed; then the flow stops pulling.</summary>
    /// <value>Default 256. One at a time costs nine tenths of the throughput.</value>
    public int MaxInFlight { get; init; } = 256;
}

/// <summary>What became of a published message.</summary>
/// <param name="Publication">The message.</param>
/// <param name="Failure">Null when RabbitMQ has it; <see cref="AmqpRefusedException"/> when no queue takes it, or one refused it.</param>
public readonly record struct AmqpPublished(AmqpPublication Publication, AmqpRefusedException? Failure);
