using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Consumers;

/// <summary>What all consumers of a system share.</summary>
internal sealed record ConsumerParts(IBroker Broker, Declarations Declarations, WorkerBlueprint Workers, IActorRef Gateway, TimeProvider Time, Random Random)
{
    /// <summary>What is done before a delivery is settled.</summary>
    public Settler Settler => Declarations.Pipeline.Services.Settler;
}
