namespace Dramatiq.Akka;

/// <summary>A message was not enqueued. Where the broker's answer was lost, it may be in the queue all the same.</summary>
public sealed class EnqueueFailedException(string message, Exception? innerException = null) : DramatiqException(message, innerException)
{
    /// <summary>The message's id, where it had one already: enqueueing again with it keeps the two apart from a third.</summary>
    public string? MessageId { get; init; }

    /// <summary>Whether somebody said no, the broker or an enqueue stage, rather than nobody answering in time.</summary>
    internal bool IsRefusal { get; init; }
}
