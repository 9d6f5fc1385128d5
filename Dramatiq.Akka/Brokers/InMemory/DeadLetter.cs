using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Brokers.InMemory;

/// <summary>A message that died, as an <see cref="InMemoryBroker"/> remembers it.</summary>
/// <param name="Queue">The canonical queue it died on.</param>
/// <param name="Body">The bytes kept in the dead-letter queue.</param>
/// <param name="Message">What the bytes say; null when they cannot be decoded.</param>
/// <param name="Cause">The exception behind it; null when whoever settled it named none.</param>
public sealed record DeadLetter(string Queue, ReadOnlyMemory<byte> Body, Message? Message, Exception? Cause);
