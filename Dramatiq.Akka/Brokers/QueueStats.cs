namespace Dramatiq.Akka.Brokers;

/// <summary>How much a queue holds. Null is what the broker cannot tell.</summary>
/// <param name="Queue">The canonical name.</param>
/// <param name="Ready">Messages that wait for a consumer.</param>
/// <param name="Delayed">Messages that wait for their eta, whether or not a consumer of the delay queue holds them.</param>
/// <param name="InFlight">Messages of the queue itself that consumers of any process hold unsettled.</param>
/// <param name="Dead">Dead letters.</param>
/// <param name="OldestReady">
/// When the message that is next in turn was made (its <c>message_timestamp</c>, which retries and delays leave alone); null when none waits, or when it cannot be told.
/// </param>
public sealed record QueueStats(string Queue, long? Ready, long? Delayed, long? InFlight, long? Dead, DateTimeOffset? OldestReady = null);
