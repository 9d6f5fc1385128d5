using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Dramatiq.Akka.Brokers.RabbitMq.Streams;

/// <summary>How a consumer or a publishing channel came to its end.</summary>
public enum AmqpEndKind
{
    /// <summary>This process closed it, or cancelled its stream.</summary>
    Closed,

    /// <summary>RabbitMQ ended the consumer and left the channel open: its queue was deleted, or moved to another node.</summary>
    ConsumerCancelled,

    /// <summary>RabbitMQ closed the channel after an error, which <see cref="AmqpEnd.Code"/> and <see cref="AmqpEnd.Text"/> tell.</summary>
    ChannelClosed,

    /// <summary>The connection is gone, and every channel with it.</summary>
    ConnectionLost,
}

/// <summary>How something came to its end, and why.</summary>
/// <param name="Kind">How.</param>
/// <param name="Code">AMQP's reply code: 404 no such queue, 406 precondition failed, 320 connection forced; 0 where there is none.</param>
/// <param name="Text">What the server or the socket said.</param>
public sealed record AmqpEnd(AmqpEndKind Kind, int Code, string Text)
{
    internal static AmqpEnd Ours { get; } = new(AmqpEndKind.Closed, 0, "closed by this process");

    internal static AmqpEnd Of(ShutdownEventArgs reason, bool connectionIsOpen) => new(
        reason.Initiator is ShutdownInitiator.Application ? AmqpEndKind.Closed : connectionIsOpen ? AmqpEndKind.ChannelClosed : AmqpEndKind.ConnectionLost,
        reason.ReplyCode,
        reason.Exception is { } error ? $"{reason.ReplyText} ({error.Message})" : reason.ReplyText);

    /// <summary>In words.</summary>
    public override string ToString() => Kind switch
    {
        AmqpEndKind.Closed => "it was closed by this process",
        AmqpEndKind.ConsumerCancelled => $"RabbitMQ cancelled the consumer: {Text}",
        AmqpEndKind.ChannelClosed => $"RabbitMQ closed the channel: {Code} {Text}",
        _ => $"the connection was lost: {Text}",
    };
}

/// <summary>A stream or a call failed since its channel came to an end.</summary>
public sealed class AmqpEndedException(AmqpEnd end, Exception? innerException = null) : DramatiqException($"Not possible any more: {end}.", innerException)
{
    /// <summary>How the channel ended.</summary>
    public AmqpEnd End { get; } = end;
}

/// <summary>RabbitMQ took a message for no queue (<c>mandatory</c>), or refused it.</summary>
public sealed class AmqpRefusedException(string routingKey, int code, string text) : DramatiqException(
    code == 0 ? $"RabbitMQ refused a message to '{routingKey}': {text}." : $"RabbitMQ has no queue for a message to '{routingKey}': {code} {text}.")
{
    /// <summary>Where the message was to go.</summary>
    public string RoutingKey { get; } = routingKey;

    /// <summary>Whether it came back since no queue takes it; else the server refused it (nack), for instance since a queue is full.</summary>
    public bool IsUnroutable { get; } = code != 0;
}
