namespace Dramatiq.Akka.Brokers;

/// <summary>A consumer that counts its credit itself: what is finished need not keep its credit while its result is being stored, or a drain would wait one round trip longer for each prefetch.</summary>
public interface IFreesCredit : IBrokerConsumer
{
    /// <summary>
    /// The handling of these deliveries is over, and they are settled as soon as what follows from it is safe. They stay unsettled, but their credit is free, as long as no more than one prefetch
    /// of deliveries wait like this. Safe for several threads.
    /// </summary>
    /// <param name="deliveries">Those of other consumers, and those that are settled already, are passed over. The list is the caller's.</param>
    void Finished(IReadOnlyList<Delivery> deliveries);
}
