namespace Dramatiq.Akka.Brokers;

/// <summary>RabbitMQ did not take a message just now (nack): its queue is full, or has no majority. It may later.</summary>
public sealed class MessageRefusedException : BrokerException
{
    internal MessageRefusedException(string message, Exception innerException) : base(message, innerException)
    {
    }

    /// <inheritdoc />
    public override bool IsTransient => true;
}
