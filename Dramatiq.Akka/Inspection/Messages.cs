namespace Dramatiq.Akka.Inspection;

/// <summary>Where a message is.</summary>
public enum MessagePlace
{
    /// <summary>In its queue, waiting for a consumer.</summary>
    Ready,

    /// <summary>In its delay queue, waiting for its eta.</summary>
    Delayed,

    /// <summary>In the hands of this process: with a worker, or fetched and not started. At the broker alone nobody can look at these.</summary>
    InHand,

    /// <summary>In the dead-letter queue.</summary>
    Dead,
}

/// <summary>
/// Which messages are meant. What is null is not asked for; all that is not null must hold; empty text is refused. A body that is no message can match <see cref="Text"/> and
/// <see cref="DiedUntil"/> alone, or a filter that asks for nothing.
/// </summary>
public sealed record MessageFilter
{
    /// <summary>The actor, exactly.</summary>
    public string? ActorName { get; init; }

    /// <summary>The <c>message_id</c>, exactly.</summary>
    public string? MessageId { get; init; }

    /// <summary>Text that occurs in the arguments, whether positional or named, as they are in JSON; upper and lower case are the same.</summary>
    public string? Text { get; init; }

    /// <summary>Of a dead letter: text that occurs in its reason, or in the type or text of its error; upper and lower case are the same.</summary>
    public string? Reason { get; init; }

    /// <summary>
    /// Of a dead letter: it died at this time or before, by the broker's word, or where that has none by the letter's own note. So an order that follows a count meets no letter that came
    /// since. A letter of which neither tells the time does not match.
    /// </summary>
    public DateTimeOffset? DiedUntil { get; init; }
}

/// <summary>A question: messages, a page of them. Answered with <see cref="MessagePage"/>.</summary>
/// <param name="Queue">The canonical name.</param>
/// <param name="Place">Where to look.</param>
/// <param name="Offset">How many to pass over, matching or not: 0, or the <see cref="MessagePage.NextOffset"/> of the page before.</param>
/// <param name="Count">How many to give at the most: 1 to 1,000.</param>
public sealed record GetMessages(string Queue, MessagePlace Place, long Offset = 0, int Count = 50) : IQuestion<MessagePage>
{
    /// <summary>Which; null for every one.</summary>
    public MessageFilter? Filter { get; init; }

    /// <summary>How many to look at before giving up the search for more that match: up to 100,000.</summary>
    public int LookAtMost { get; init; } = 10_000;

    /// <summary>How long the broker may go on with the search, where it looks in several steps: 0 or more; null for as long as it takes. The page says how far it came.</summary>
    public TimeSpan? LookFor { get; init; }
}

/// <summary>A page of messages, those first that are next in turn; dead letters from the one that died first.</summary>
/// <param name="Messages">Those that matched.</param>
/// <param name="LookedAt">How many were looked at behind the offset.</param>
/// <param name="IsComplete">Whether there is nothing behind this page.</param>
/// <param name="NextOffset">Where to go on; null when there is nothing behind, or the broker can look no further.</param>
public sealed record MessagePage(IReadOnlyList<MessageSummary> Messages, long LookedAt, bool IsComplete, long? NextOffset);

/// <summary>A message in a list.</summary>
/// <param name="Key">What to name it by in orders: what the broker knows it by. Of a message in hand, the <c>message_id</c>.</param>
/// <param name="MessageId">The <c>message_id</c>; null for a body that is no message.</param>
/// <param name="ActorName">The actor; null for a body that is no message.</param>
/// <param name="Arguments">How the call was written, cut to 200 characters: <c>"a.md", width=80</c>. Of a body that is no message, its beginning. May hold any character.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Due">When it may run, of a delayed one.</param>
/// <param name="Retries">How often it has been tried again so far.</param>
/// <param name="DiedAt">When it died, of a dead letter, where that is known.</param>
/// <param name="Reason">Why it died, or of what its last attempt did, cut to 200 characters. May hold any character.</param>
/// <param name="Bytes">The size of its body.</param>
public sealed record MessageSummary(
    string Key,
    string? MessageId,
    string? ActorName,
    string Arguments,
    DateTimeOffset? CreatedAt,
    DateTimeOffset? Due,
    long Retries,
    DateTimeOffset? DiedAt,
    string? Reason,
    int Bytes);

/// <summary>A question: one message whole, and its life if that is kept. Answered with <see cref="MessageAnswer"/>.</summary>
/// <param name="Id">A <see cref="MessageSummary.Key"/> or a <c>message_id</c>.</param>
public sealed record GetMessage(string Id) : IQuestion<MessageAnswer>
{
    /// <summary>The canonical name; null to look in every queue.</summary>
    public string? Queue { get; init; }

    /// <summary>Where to look; null for everywhere.</summary>
    public MessagePlace? Place { get; init; }
}

/// <summary>One message.</summary>
/// <param name="Message">Null when it was not found: it may be done, or in the hands of another process, or further back than was looked.</param>
/// <param name="Life">What it has been through; null when that is not kept or not known.</param>
/// <param name="LookedAt">How many messages were looked at.</param>
/// <param name="IsComplete">Whether all that was to be looked through was.</param>
public sealed record MessageAnswer(MessageDetail? Message, MessageLife? Life, long LookedAt, bool IsComplete);

/// <summary>A message whole.</summary>
/// <param name="Queue">The canonical name.</param>
/// <param name="Place">Where it is.</param>
/// <param name="Summary">As in a list.</param>
/// <param name="Args">The positional arguments as JSON; Python's <c>NaN</c> and <c>Infinity</c> may occur. Null for a body that is no message.</param>
/// <param name="Kwargs">The named arguments, likewise.</param>
/// <param name="Options">The options by name, each as JSON.</param>
/// <param name="Attempts">How often it was run, as far as the message tells.</param>
/// <param name="ErrorType">The type of the last error, where the message tells.</param>
/// <param name="ErrorMessage">The text of the last error.</param>
/// <param name="Traceback">The stack of the last error.</param>
/// <param name="Worker">Who has it in hand, and since when.</param>
/// <param name="Problem">Of a body that is no message: why not.</param>
public sealed record MessageDetail(
    string Queue,
    MessagePlace Place,
    MessageSummary Summary,
    string? Args,
    string? Kwargs,
    IReadOnlyDictionary<string, string> Options,
    long Attempts,
    string? ErrorType,
    string? ErrorMessage,
    string? Traceback,
    WorkerReport? Worker,
    string? Problem);

/// <summary>A question: how many messages match, before an order takes them all. Answered with <see cref="MessageCount"/>. Without a filter it is the broker's count; with one it reads the queue page by page.</summary>
/// <param name="Queue">The canonical name.</param>
/// <param name="Place">Where to look.</param>
/// <param name="Filter">Which; null for every one.</param>
public sealed record CountMessages(string Queue, MessagePlace Place, MessageFilter? Filter = null) : IQuestion<MessageCount>;

/// <summary>How many match.</summary>
/// <param name="Count">How many were found.</param>
/// <param name="LookedAt">How many were looked at.</param>
/// <param name="IsComplete">Whether that was all.</param>
/// <param name="AsOf">When it was counted: for <see cref="MessageFilter.DiedUntil"/> of the order that follows.</param>
public sealed record MessageCount(long Count, long LookedAt, bool IsComplete, DateTimeOffset AsOf);
