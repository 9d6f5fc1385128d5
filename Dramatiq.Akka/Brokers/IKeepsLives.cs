using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Brokers;

/// <summary>A broker that has a place for the lives of messages as well: what <c>dramatiq.inspection.lives.store = broker</c> uses.</summary>
public interface IKeepsLives : IBroker
{
    /// <summary>Makes a store on the broker's own connections, which it does not outlive.</summary>
    /// <param name="ttl">How long a life is kept after its last step.</param>
    ILifeStore CreateLifeStore(TimeSpan ttl);
}
