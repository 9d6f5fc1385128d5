namespace Dramatiq.Akka.Inspection;

/// <summary>An order: take nothing more from a queue. What is in hand is finished, what is not started goes back. Answered with <see cref="QueuePauses"/> when this process has done so.</summary>
/// <param name="Queue">The canonical name.</param>
/// <param name="Everywhere">
/// False for this process, as long as it runs. True for every process, those that start later too, until it is resumed everywhere; the others follow within moments.
/// </param>
public sealed record PauseQueue(string Queue, bool Everywhere = false) : IOrder<QueuePauses>;

/// <summary>An order: take messages from a queue again. The two pauses are apart: it runs here when neither holds. Answered with <see cref="QueuePauses"/>.</summary>
/// <param name="Queue">The canonical name.</param>
/// <param name="Everywhere">Which pause to end: this process's own, or that of all.</param>
public sealed record ResumeQueue(string Queue, bool Everywhere = false) : IOrder<QueuePauses>;

/// <summary>The pauses of a queue.</summary>
/// <param name="Queue">The canonical name.</param>
/// <param name="Here">Whether this process was told to take nothing.</param>
/// <param name="Everywhere">Whether every process was, as far as this one knows where the broker is away; null where it cannot keep that.</param>
public sealed record QueuePauses(string Queue, bool Here, bool? Everywhere);

/// <summary>An order: have this many workers for a queue in this process, until it stops. Those too many finish what they have in hand. Answered with <see cref="WorkersScaled"/>.</summary>
/// <param name="Queue">The canonical name.</param>
/// <param name="Workers">1 to 100,000. The prefetch stays.</param>
public sealed record ScaleWorkers(string Queue, int Workers) : IOrder<WorkersScaled>;

/// <summary>The pool has its new size.</summary>
/// <param name="Queue">The canonical name.</param>
/// <param name="Workers">How many there are from now on.</param>
public sealed record WorkersScaled(string Queue, int Workers);
