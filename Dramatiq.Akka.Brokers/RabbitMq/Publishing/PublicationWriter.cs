using Dramatiq.Akka.Brokers.RabbitMq.Delays;
using Dramatiq.Akka.Brokers.RabbitMq.Streams;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Brokers.RabbitMq.Publishing;

/// <summary>Puts a message on AMQP: where it goes, with which priority, and, when it is delayed, into which level of the ladder.</summary>
internal sealed class PublicationWriter(RabbitMqSettings settings, TimeProvider time)
{
    public AmqpPublication Write(Publication publication)
    {
        var message = publication.Message;
        var priority = PriorityOf(message);
        if (publication.Eta is not { } eta)
            return new AmqpPublication("", message.QueueName, message.Encode(), priority);

        var delay = TimeSpan.FromMilliseconds(Math.Min(eta - time.GetUtcNow().ToUnixTimeMilliseconds(), TimeSpan.MaxValue.TotalMilliseconds / 4));
        if (delay <= TimeSpan.Zero)
            return new AmqpPublication("", message.QueueName, message.Encode(), priority);

        if (DelayLadder.Units(delay, settings.DelayUnit, message.QueueName) is { } units)
            return new AmqpPublication(DelayLadder.EntryOf(units), DelayLadder.RoutingKey(units, message.QueueName), message.Encode(), priority);

        var delayed = publication.OnTheWire();
        return new AmqpPublication("", delayed.QueueName, delayed.Encode(), priority);
    }

    private static byte? PriorityOf(Message message) =>
        message.Options.TryGetInt64(OptionNames.BrokerPriority, out var priority) ? (byte)Math.Clamp(priority, byte.MinValue, byte.MaxValue) : null;
}
