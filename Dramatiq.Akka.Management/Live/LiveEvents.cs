using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Management.Live;

/// <summary>What one may listen to.</summary>
[Flags]
internal enum LiveTopics
{
    None = 0,
    Overview = 1,
    Messages = 2,
    Log = 4,
}

/// <summary>Something to tell: one of the records below, and the topic that it is of.</summary>
internal sealed record LiveEvent(string Name, object Data);

/// <summary>What the queues hold at one moment.</summary>
/// <param name="At">When.</param>
/// <param name="Queues">Empty when they could not be asked.</param>
/// <param name="Problem">Why not.</param>
public sealed record OverviewEvent(DateTimeOffset At, IReadOnlyList<QueueReport> Queues, string? Problem);

/// <summary>Something became of a message in this process.</summary>
/// <param name="At">When it was heard of.</param>
/// <param name="Happening"><c>done</c>, <c>dead</c>, <c>skipped</c>, <c>delayed</c> or <c>abandoned</c>.</param>
/// <param name="MessageId">Null for a body that is no message.</param>
/// <param name="ActorName">The actor.</param>
/// <param name="Queue">The queue.</param>
/// <param name="Reason">Why, of what died or was skipped.</param>
public sealed record MessageEvent(DateTimeOffset At, string Happening, string? MessageId, string? ActorName, string? Queue, string? Reason);

/// <summary>A line of the actor system's log, from Info on.</summary>
/// <param name="At">When it was written.</param>
/// <param name="Level"><c>info</c>, <c>warning</c> or <c>error</c>.</param>
/// <param name="Source">Who wrote it.</param>
/// <param name="Text">What.</param>
/// <param name="Error">The exception with it, as <c>type: text</c>.</param>
public sealed record LogLineEvent(DateTimeOffset At, string Level, string Source, string Text, string? Error);
