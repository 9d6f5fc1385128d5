namespace Dramatiq.Akka.Workers;

/// <summary>How an attempt ended. It walks back through the stages, each of which may turn it into another, and decides how the delivery is settled.</summary>
public abstract record Outcome
{
    private Outcome()
    {
    }

    /// <summary>The handler returned. The delivery is acked.</summary>
    /// <param name="Result">What it returned; null where it returns nothing.</param>
    /// <param name="Json">The result as JSON, where a stage on the slip needs it; else empty.</param>
    public sealed record Succeeded(object? Result, ReadOnlyMemory<byte> Json) : Outcome
    {
        /// <summary>Success without a result.</summary>
        public static Succeeded WithoutResult { get; } = new(null, "null"u8.ToArray());
    }

    /// <summary>
    /// The handler or a stage failed, and nobody has decided what becomes of the message. When it reaches the worker like this, Retries is asked;
    /// without Retries among the middleware the delivery is acked, as in Dramatiq.
    /// </summary>
    /// <param name="Error">What was thrown.</param>
    public sealed record Failed(Exception Error) : Outcome;

    /// <summary>The attempt failed and its successor is safe at the broker. The delivery is acked.</summary>
    /// <param name="Error">What was thrown.</param>
    /// <param name="Delay">How long the successor waits.</param>
    public sealed record Retried(Exception Error, TimeSpan Delay) : Outcome;

    /// <summary>The message is given up: the delivery goes to the dead-letter queue, with the reason.</summary>
    /// <param name="Reason">Why, in words for an operator.</param>
    /// <param name="Error">What was thrown, if anything was.</param>
    public sealed record Dead(string Reason, Exception? Error) : Outcome;

    /// <summary>A stage decided that the message need not run. The delivery is acked.</summary>
    /// <param name="Reason">Why.</param>
    public sealed record Skipped(string Reason) : Outcome;

    /// <summary>The attempt did not come to an end of its own: the delivery goes back to its queue, and no attempt is spent.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="CountsAsDelivery">Whether the broker counts it, so that a message that does this again and again is given up in the end.</param>
    public sealed record Returned(string Reason, bool CountsAsDelivery = false) : Outcome;
}
