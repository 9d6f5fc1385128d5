using Akka;
using Akka.Streams.Dsl;

namespace Dramatiq.Akka.Brokers;

/// <summary>
/// A broker that keeps which queues are paused for every process, tells each process of it, and remembers it when all of them are gone. Redis has a set and a channel;
/// RabbitMQ a fanout for the news and a durable queue that holds one message, the last word.
/// </summary>
public interface IKeepsPauses : IBroker
{
    /// <summary>The queues that are paused, by canonical name. Asked before the first consumer starts.</summary>
    /// <exception cref="BrokerConnectionException">The broker is away: nothing is known, and the core consumes nothing until <see cref="WatchPauses"/> has said what is paused.</exception>
    /// <exception cref="BrokerException">The broker will never tell; the core then takes nothing as paused, and says so.</exception>
    ValueTask<IReadOnlySet<string>> GetPausedAsync(CancellationToken cancellationToken);

    /// <summary>Pauses or resumes a queue for every process. Completes when the broker keeps it; the news is on its way by then.</summary>
    /// <param name="queue">The canonical name. It need not be declared here.</param>
    /// <param name="isPaused">Whether it is to be paused. Telling what is so already changes nothing.</param>
    /// <param name="cancellationToken">Ends the wait; it may happen all the same.</param>
    /// <returns>All queues that are paused from now on.</returns>
    /// <remarks>Two calls at once, for two queues and from two processes, must both come to pass.</remarks>
    ValueTask<IReadOnlySet<string>> SetPausedAsync(string queue, bool isPaused, CancellationToken cancellationToken);

    /// <summary>
    /// Tells of each change: a source whose elements are all queues that are paused, the first soon after it is materialized, and one after each change by any process. Elements may
    /// repeat, and a change that was overtaken may be left out; the last one always comes. It fails when the broker is lost, and is then materialized again after a back-off.
    /// </summary>
    Source<IReadOnlySet<string>, NotUsed> WatchPauses();
}
