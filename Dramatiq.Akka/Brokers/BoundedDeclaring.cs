using Dramatiq.Akka.Actors;

namespace Dramatiq.Akka.Brokers;

/// <summary>Declares a queue with an end to the waiting: a broker that never answers is then tried again like one that is away, and said to be.</summary>
internal static class BoundedDeclaring
{
    /// <exception cref="BrokerConnectionException">The broker did not answer in time. The call is cancelled, and what still comes of it is passed over.</exception>
    /// <exception cref="BrokerException">The queue cannot be had.</exception>
    public static async Task DeclareQueueAsync(this IBroker broker, string queue, TimeSpan timeout, TimeProvider time)
    {
        using var call = new CancellationTokenSource();
        var declaring = broker.DeclareQueueAsync(queue, call.Token);
        try
        {
            await declaring.WaitAsync(timeout, time).ConfigureAwait(false);
        }
        catch (TimeoutException error) when (!declaring.IsCompleted)
        {
            await call.CancelAsync().ConfigureAwait(false);
            throw new BrokerConnectionException($"queue {queue} was not declared within {DurationText.Of(timeout)} (dramatiq.consumer.declare-timeout).", error);
        }
    }
}
