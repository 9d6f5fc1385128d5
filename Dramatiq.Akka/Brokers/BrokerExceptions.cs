namespace Dramatiq.Akka.Brokers;

/// <summary>A broker refused or failed an operation.</summary>
public class BrokerException(string message, Exception? innerException = null) : DramatiqException(message, innerException)
{
    /// <summary>Whether the same call may succeed later without anybody changing anything: a lost connection is, a refused queue is not.</summary>
    public virtual bool IsTransient => false;
}

/// <summary>The connection to the broker could not be opened or was lost. The core reconnects by itself; see <see cref="IBroker"/>.</summary>
public sealed class BrokerConnectionException(string message, Exception? innerException = null) : BrokerException(message, innerException)
{
    /// <inheritdoc />
    public override bool IsTransient => true;
}

/// <summary>A message was published to, or a consumer asked for, a queue that the broker does not have.</summary>
public sealed class QueueNotFoundException(string queue, IEnumerable<string> known) : BrokerException(
    $"Queue '{queue}' was never declared (known: {Listed(known)}). Declare an actor or a task on it, or correct the name.")
{
    /// <summary>The queue that was asked for.</summary>
    public string Queue { get; } = queue;

    private static string Listed(IEnumerable<string> known) =>
        string.Join(", ", known.Order(StringComparer.Ordinal)) is { Length: > 0 } names ? names : "none";
}
