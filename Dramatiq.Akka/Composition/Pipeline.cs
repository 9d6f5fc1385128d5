using Dramatiq.Akka.Composition;

namespace Dramatiq.Akka;

/// <summary>
/// Tasks one after the other, each with the result of the one before as its last argument: <c>Pipeline.Of(new Fetch(url)) | new Parse() | new Store("news")</c>. Run it with
/// <see cref="ITaskQueue.RunAsync(Pipeline, CancellationToken)"/>. Immutable: each method returns another pipeline.
/// </summary>
/// <remarks>
/// A step is a task of a declared type, an <see cref="ActorCall"/>, an <see cref="Enqueue"/> with its own delay and options, a whole message, another pipeline, or a <see cref="Group"/>, whose
/// results go on as a list. In a task that follows another, the last argument of its constructor is a place that the result fills: leave it at its default. An <see cref="ActorCall"/>
/// just leaves it out. With the option <c>pipe_ignore</c> nothing is filled in.
/// </remarks>
public sealed class Pipeline
{
    private Pipeline(IReadOnlyList<object> steps) => Steps = steps;

    /// <summary>What it is made of, in order.</summary>
    public IReadOnlyList<object> Steps { get; }

    /// <summary>How long its first step waits at the least; a longer delay of the step's own counts instead. Null for not at all.</summary>
    public TimeSpan? Delay { get; private init; }

    internal IReadOnlyList<object> FailureCallbacks { get; private init; } = [];

    internal ResultKeeping? Keeping { get; private init; }

    /// <summary>A pipeline of these steps.</summary>
    /// <exception cref="ArgumentException">There is none, or one is null.</exception>
    public static Pipeline Of(params IEnumerable<object> steps) => new(Parts.Checked(steps, "A pipeline needs at least one step."));

    /// <summary>With another step at the end.</summary>
    public static Pipeline operator |(Pipeline left, object right)
    {
        ArgumentNullException.ThrowIfNull(left);
        return new Pipeline(Parts.Checked([.. left.Steps, right], "")) { Delay = left.Delay, FailureCallbacks = left.FailureCallbacks, Keeping = left.Keeping };
    }

    /// <summary>One pipeline after another. The second keeps what holds for itself: its delay, and who is told of its failures.</summary>
    public static Pipeline operator |(Pipeline left, Pipeline right) => left | (object)right;

    /// <summary>A pipeline after a task.</summary>
    public static Pipeline operator |(object left, Pipeline right) => Of(left, right);

    /// <summary>Lets its first step wait, at the least.</summary>
    public Pipeline WithDelay(TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        return Copy(delay, FailureCallbacks, Keeping);
    }

    /// <summary>
    /// Enqueues this task, once, when a step is finally given up: what Python's Dramatiq has no way to say. <see cref="GroupFailure"/> tells which step it was. Only steps that run in .NET can
    /// tell.
    /// </summary>
    /// <param name="task">As a step may be, but one message.</param>
    public Pipeline AddFailureCallback(object task) => Copy(Delay, [.. FailureCallbacks, Parts.Checked(task)], Keeping);

    /// <summary>Stores the results of all its steps, whatever their actors say; a step's own options come first.</summary>
    /// <param name="ttl">How long they are kept; null for what the actor or the middleware says.</param>
    public Pipeline StoreResults(TimeSpan? ttl = null) => Copy(Delay, FailureCallbacks, new ResultKeeping(ttl));

    private Pipeline Copy(TimeSpan? delay, IReadOnlyList<object> failureCallbacks, ResultKeeping? keeping) =>
        new(Steps) { Delay = delay, FailureCallbacks = failureCallbacks, Keeping = keeping };
}
