using Akka.Configuration;
using Dramatiq.Akka.Brokers;

namespace Dramatiq.Akka.Inspection;

/// <summary>Makes the store of lives that was asked for.</summary>
internal static class LifeStores
{
    /// <returns>Null where lives are not kept.</returns>
    /// <exception cref="ConfigurationException">The broker has no place for them.</exception>
    public static ILifeStore? Create(ActorSystem system, DramatiqBuilder builder, InspectionSettings settings, IBroker broker) => (builder.LifeStoreFactory, settings.LifeStore) switch
    {
        ({ } create, _) => create(system),
        (_, LifeStoreKind.Off) => null,
        (_, LifeStoreKind.Memory) => new InMemoryLifeStore(settings.LifeTtl, builder.TimeProvider),
        _ => broker is IKeepsLives keeper
            ? keeper.CreateLifeStore(settings.LifeTtl)
            : throw new ConfigurationException($"dramatiq.inspection.lives.store is 'broker', and the broker '{broker.Name}' has no place for the lives of messages. Use memory, or a store of your own with UseLifeStore."),
    };
}
