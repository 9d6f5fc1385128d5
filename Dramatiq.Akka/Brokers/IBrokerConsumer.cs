namespace Dramatiq.Akka.Brokers;

/// <summary>One live consumer of one queue: what a materialized <see cref="IBroker.Consume"/> is steered by.</summary>
public interface IBrokerConsumer
{
    /// <summary>
    /// Settles deliveries of this consumer, in the order given. A delivery that is settled already, or that this consumer
    /// does not hold any more, is passed over. Dead letters come in calls of their own, and other calls do not wait for those.
    /// </summary>
    /// <param name="settlements">What becomes of each delivery. The list belongs to the caller and is left alone until completion.</param>
    /// <returns>Completes when the broker has been told; a dead letter is safe in its queue by then.</returns>
    /// <exception cref="BrokerConnectionException">The consumer is lost; the broker delivers again whatever it was not told about.</exception>
    ValueTask SettleAsync(IReadOnlyList<Settlement> settlements);

    /// <summary>Asks for no more deliveries. Those at hand can still be settled, and the broker keeps them for this consumer.</summary>
    ValueTask StopAsync();

    /// <summary>Ends the consumer: what it has not settled goes back to its queue, and the source completes. Calling twice does nothing.</summary>
    ValueTask CloseAsync();
}
