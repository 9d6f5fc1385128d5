namespace Dramatiq.Akka.Brokers;

/// <summary>Which of the waiting messages to read.</summary>
/// <param name="Offset">How many to pass over, from the head of the queue: 0 or more.</param>
/// <param name="Count">How many to give at the most: 0 or more.</param>
public sealed record PeekRequest(long Offset, int Count)
{
    /// <summary>Which to give; null for every one. Called on any thread, for one message at a time, whose body is good for the length of the call. It must not throw.</summary>
    public Func<PeekedMessage, bool>? Matches { get; init; }

    /// <summary>How many to look at, behind the offset, before giving up the search for more that match. Default <see cref="Count"/>, which suits a request for every one.</summary>
    public int? LookAtMost { get; init; }

    /// <summary>
    /// How long to look for more that match: 0 or more; null, the default, for as long as it takes. A broker that looks in several steps begins none after this time, and one whose server may keep
    /// it waiting for a step answers after twice as long with what it has seen; but neither before it has looked at one message behind the offset, so that there is always a way on. One that needs a
    /// single step takes no notice.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public TimeSpan? LookFor
    {
        get;
        init => field = value is { } time && time < TimeSpan.Zero ? throw new ArgumentOutOfRangeException(nameof(value), value, "LookFor must be 0 or more; null looks for as long as it takes.") : value;
    }

    internal int Looks => LookAtMost ?? Count;
}

/// <summary>A message that waits at the broker.</summary>
/// <param name="Key">What the broker knows it by: unique within its queue, and gone when the message is. Of no meaning to anybody else.</param>
/// <param name="Body">The bytes as stored.</param>
/// <param name="Since">Since when it is there, where the broker knows: of a dead letter, when it died.</param>
public sealed record PeekedMessage(string Key, ReadOnlyMemory<byte> Body, DateTimeOffset? Since = null);

/// <summary>What was found, in order.</summary>
/// <param name="Messages">Those that matched.</param>
/// <param name="LookedAt">How many messages were looked at, behind the offset, whether or not they matched. Offset plus this is where to go on.</param>
/// <param name="IsComplete">Whether the end of the queue was reached, so that there is no more to find behind.</param>
public sealed record PeekedPage(IReadOnlyList<PeekedMessage> Messages, long LookedAt, bool IsComplete);

/// <summary>What became of an order about messages.</summary>
/// <param name="Count">How many were moved or dropped by this very call.</param>
/// <param name="IsComplete">False when the broker did not look through the whole queue, so that some of those that were meant may still be there.</param>
public sealed record MessagesMoved(long Count, bool IsComplete = true);
