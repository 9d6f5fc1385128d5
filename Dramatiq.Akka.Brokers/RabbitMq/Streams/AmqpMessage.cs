using RabbitMQ.Client;

namespace Dramatiq.Akka.Brokers.RabbitMq.Streams;

/// <summary>A message as it was delivered. Settle it through the subscription that it came from.</summary>
/// <param name="Tag">What settles it: counts from 1 in each subscription.</param>
/// <param name="Redelivered">Whether RabbitMQ has delivered it before, to anybody.</param>
/// <param name="RoutingKey">What it was published with.</param>
/// <param name="Properties">Its properties and headers.</param>
/// <param name="Body">Its bytes, which belong to the message.</param>
public sealed record AmqpMessage(ulong Tag, bool Redelivered, string RoutingKey, IReadOnlyBasicProperties Properties, ReadOnlyMemory<byte> Body);
