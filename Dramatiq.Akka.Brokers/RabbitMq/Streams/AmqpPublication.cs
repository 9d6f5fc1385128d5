namespace Dramatiq.Akka.Brokers.RabbitMq.Streams;

/// <summary>A message to publish: persistent and mandatory.</summary>
/// <param name="Exchange">The exchange; empty for the default one, where the routing key is the queue's name.</param>
/// <param name="RoutingKey">The routing key.</param>
/// <param name="Body">The bytes. They must not change until the message is confirmed.</param>
/// <param name="Priority">RabbitMQ's priority, for queues that have some; null for none.</param>
/// <param name="Headers">The headers; null for none.</param>
public readonly record struct AmqpPublication(string Exchange, string RoutingKey, ReadOnlyMemory<byte> Body, byte? Priority = null, IReadOnlyDictionary<string, object?>? Headers = null);
