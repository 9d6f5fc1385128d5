using System.Text.Json.Serialization;

namespace Dramatiq.Akka.Inspection;

/// <summary>A question: the life of one message, by its <c>message_id</c>. Answered with <see cref="LifeAnswer"/>; refused with <see cref="InspectionFailure.NotConfigured"/> without a store.</summary>
/// <param name="MessageId">The <c>message_id</c>.</param>
public sealed record GetLife(string MessageId) : IQuestion<LifeAnswer>;

/// <summary>The life of a message, as far as it is known.</summary>
/// <param name="Life">Null when nothing is known, or it is longer ago than <c>dramatiq.inspection.lives.ttl</c>.</param>
public sealed record LifeAnswer(MessageLife? Life);

/// <summary>What a message has been through. The last steps are kept where there are many.</summary>
/// <param name="MessageId">The <c>message_id</c>.</param>
/// <param name="Queue">The canonical queue.</param>
/// <param name="ActorName">The actor.</param>
/// <param name="State">What it is now: the state of the last step.</param>
/// <param name="Steps">In order, the last one last.</param>
public sealed record MessageLife(string MessageId, string Queue, string ActorName, LifeState State, IReadOnlyList<LifeStep> Steps);

/// <summary>One step in the life of a message.</summary>
/// <param name="MessageId">The <c>message_id</c>.</param>
/// <param name="Queue">The canonical queue.</param>
/// <param name="ActorName">The actor.</param>
/// <param name="State">What became of it.</param>
/// <param name="At">When, by the clock of the process it happened in.</param>
/// <param name="Attempt">Which attempt: 1 for the first run, and for what comes before it.</param>
/// <param name="Node">The process it happened in; see <see cref="NodeReport.Name"/>.</param>
/// <param name="Due">When it may run, of what is delayed or will be tried again.</param>
/// <param name="Note">Why: the error of a retry, the reason of a dead letter or a skip; the worker of what runs. Cut to 500 characters.</param>
public sealed record LifeStep(
    string MessageId, string Queue, string ActorName, LifeState State, DateTimeOffset At, int Attempt, string Node, DateTimeOffset? Due = null, string? Note = null)
{
    /// <summary>Where the step belongs among those of one message: by attempt, then by state.</summary>
    [JsonIgnore]
    public int Order => (Attempt * 16) + (int)State;
}

/// <summary>What becomes of a message, in the order in which it can within one attempt.</summary>
public enum LifeState
{
    /// <summary>An operator put the dead letter back: its life begins anew.</summary>
    Requeued = 0,

    /// <summary>The broker has it, to be run at once.</summary>
    Enqueued = 1,

    /// <summary>The broker has it, to be run when it is due.</summary>
    Delayed = 2,

    /// <summary>A worker has it in hand.</summary>
    Running = 3,

    /// <summary>It went back to its queue without having come to an end.</summary>
    Returned = 4,

    /// <summary>The attempt failed, and there will be another.</summary>
    Retried = 5,

    /// <summary>A stage let it pass without running it.</summary>
    Skipped = 6,

    /// <summary>It succeeded, or counts as done.</summary>
    Done = 7,

    /// <summary>It is a dead letter.</summary>
    Dead = 8,

    /// <summary>An operator dropped it.</summary>
    Deleted = 9,
}
