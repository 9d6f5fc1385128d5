using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Brokers;

/// <summary>A message on its way to a broker.</summary>
/// <param name="message">The message, addressed to its canonical queue and without an eta.</param>
/// <param name="eta">When it is due, in milliseconds since the Unix epoch; null for now.</param>
public sealed class Publication(Message message, long? eta)
{
    /// <summary>The message, addressed to its canonical queue and without an eta.</summary>
    public Message Message { get; } = message;

    /// <summary>When it is due, in milliseconds since the Unix epoch; null for now.</summary>
    public long? Eta { get; } = eta;

    /// <summary>
    /// The message as Python's Dramatiq would put it on the wire: as it is when due now, else addressed to the delay
    /// queue with the option <c>eta</c>.
    /// </summary>
    public Message OnTheWire() => Eta is { } eta
        ? Message.With(queueName: QueueName.Delay(Message.QueueName), options: Message.Options.With(OptionNames.Eta, eta))
        : Message;
}
