namespace Dramatiq.Akka.Brokers.InMemory;

/// <summary>A message as a lane keeps it. A value, so that a message in the queue costs its body and nothing else.</summary>
/// <param name="Body">The bytes on the wire.</param>
/// <param name="Place">Where it stood when it came in: lower is older. Kept through redeliveries.</param>
/// <param name="Eta">When it is due, in milliseconds since the Unix epoch; 0 for at once.</param>
/// <param name="Deliveries">How often it has been handed out.</param>
/// <param name="Priority">RabbitMQ's: higher first.</param>
internal readonly record struct StoredMessage(ReadOnlyMemory<byte> Body, long Place, long Eta, int Deliveries, byte Priority);
