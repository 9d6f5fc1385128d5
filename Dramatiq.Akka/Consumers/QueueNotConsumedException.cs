namespace Dramatiq.Akka;

/// <summary>An order was given for a queue that this process does not consume.</summary>
public sealed class QueueNotConsumedException(string queue, IEnumerable<string> consumed) : DramatiqException(
    $"Queue '{queue}' is not consumed here, so it cannot be given orders (consumed: {Listed(consumed)}). Correct its name, or declare an actor with a handler on it.")
{
    /// <summary>The queue that was named.</summary>
    public string Queue { get; } = queue;

    private static string Listed(IEnumerable<string> names) => string.Join(", ", names) is { Length: > 0 } list ? list : "none";
}
