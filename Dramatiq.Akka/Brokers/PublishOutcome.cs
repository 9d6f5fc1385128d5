namespace Dramatiq.Akka.Brokers;

/// <summary>What became of a published batch: all confirmed, or an exception for each message that was not.</summary>
public readonly struct PublishOutcome
{
    private readonly Exception?[]? _failures;

    private PublishOutcome(Exception?[] failures) => _failures = failures;

    /// <summary>Every message of the batch is safe at the broker.</summary>
    public static PublishOutcome Confirmed => default;

    /// <summary>Some messages failed.</summary>
    /// <param name="failures">As long as the batch; null where the message is confirmed.</param>
    public static PublishOutcome Failed(Exception?[] failures) => new(failures);

    /// <summary>Whether every message is confirmed.</summary>
    public bool AllConfirmed => _failures is null;

    /// <summary>Why the message at this place of the batch failed; null when it is confirmed.</summary>
    public Exception? this[int index] => _failures?[index];
}
