namespace Dramatiq.Akka.Inspection;

/// <summary>Where the lives of messages are kept.</summary>
public enum LifeStoreKind
{
    /// <summary>Nowhere.</summary>
    Off,

    /// <summary>In this process, of what happens in it.</summary>
    Memory,

    /// <summary>At the broker, of what happens in every process that keeps them. The broker must be an <see cref="Brokers.IKeepsLives"/>.</summary>
    Broker,
}
