using Dramatiq.Akka.Composition;

namespace Dramatiq.Akka;

/// <summary>
/// Tasks side by side: <c>Group.Of(files.Select(file => new CountWords(file)))</c>. Run it with <see cref="ITaskQueue.RunAsync(Group, CancellationToken)"/>, or as a step of a
/// <see cref="Pipeline"/>. Immutable: each method returns another group.
/// </summary>
/// <remarks>A member is whatever a step of a pipeline may be; a pipeline or another group counts as one member, with one result: that of its last step, or the list of its members'.</remarks>
public sealed class Group
{
    private Group(IReadOnlyList<object> members) => Members = members;

    /// <summary>What it is made of, in order.</summary>
    public IReadOnlyList<object> Members { get; }

    /// <summary>How long each member waits at the least; a longer delay of its own counts instead. Null for not at all.</summary>
    public TimeSpan? Delay { get; private init; }

    internal IReadOnlyList<object> CompletionCallbacks { get; private init; } = [];

    internal IReadOnlyList<object> FailureCallbacks { get; private init; } = [];

    internal IReadOnlyList<object> EndCallbacks { get; private init; } = [];

    internal ResultKeeping? Keeping { get; private init; }

    /// <summary>A group of these members.</summary>
    /// <exception cref="ArgumentException">There is none, or one is null.</exception>
    public static Group Of(params IEnumerable<object> members) => new(Parts.Checked(members, "A group needs at least one member."));

    /// <summary>A pipeline whose first step is the group: the next gets the list of its results.</summary>
    public static Pipeline operator |(Group left, object right) => Pipeline.Of(left, right);

    /// <summary>A pipeline whose first step is the group.</summary>
    public static Pipeline operator |(Group left, Pipeline right) => Pipeline.Of(left, right);

    /// <summary>Lets each member wait, at the least.</summary>
    public Group WithDelay(TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        return Copy(delay: delay);
    }

    /// <summary>
    /// Enqueues this task, once, when every member has succeeded. Python's <c>add_completion_callback</c>: members and callback may run there too. If a member is given up it does not come,
    /// unless that member is requeued and succeeds after all.
    /// </summary>
    /// <param name="task">As a member may be, but one message. It is enqueued as it is, without results; for those see <see cref="Pipeline"/>.</param>
    public Group AddCompletionCallback(object task) => Copy(completion: [.. CompletionCallbacks, Parts.Checked(task)]);

    /// <summary>
    /// Enqueues this task, once, when the first member is finally given up: what Python's Dramatiq has no way to say. <see cref="GroupFailure"/> tells which member it was. Only members that
    /// run in .NET can tell.
    /// </summary>
    /// <param name="task">As a member may be, but one message.</param>
    public Group AddFailureCallback(object task) => Copy(failure: [.. FailureCallbacks, Parts.Checked(task)]);

    /// <summary>
    /// Enqueues this task, once, when every member has ended: succeeded, skipped, or given up. What Python's Dramatiq has no way to say: a member that runs there does not tell of its end,
    /// so all of them must run in .NET.
    /// </summary>
    /// <param name="task">As a member may be, but one message.</param>
    public Group AddEndCallback(object task) => Copy(end: [.. EndCallbacks, Parts.Checked(task)]);

    /// <summary>Stores the results of all its members, whatever their actors say; a member's own options come first.</summary>
    /// <param name="ttl">How long they are kept; null for what the actor or the middleware says.</param>
    public Group StoreResults(TimeSpan? ttl = null) => Copy(keeping: new ResultKeeping(ttl));

    private Group Copy(
        TimeSpan? delay = null,
        IReadOnlyList<object>? completion = null,
        IReadOnlyList<object>? failure = null,
        IReadOnlyList<object>? end = null,
        ResultKeeping? keeping = null) => new(Members)
        {
            Delay = delay ?? Delay,
            CompletionCallbacks = completion ?? CompletionCallbacks,
            FailureCallbacks = failure ?? FailureCallbacks,
            EndCallbacks = end ?? EndCallbacks,
            Keeping = keeping ?? Keeping,
        };
}
