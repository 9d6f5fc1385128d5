namespace Dramatiq.Akka.Brokers;

/// <summary>A consumer whose server takes back by force what is held for too long. The core gives it back before, and takes it anew with another consumer.</summary>
public interface ILeasesDeliveries : IBrokerConsumer
{
    /// <summary>Completes when what this consumer holds should go back. Never fails, and does not complete where the consumer ends before.</summary>
    Task LeaseOver { get; }
}
