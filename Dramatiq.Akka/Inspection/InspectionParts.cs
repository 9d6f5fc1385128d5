using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Brokers;

namespace Dramatiq.Akka.Inspection;

/// <summary>What the inspection actor asks, and orders about.</summary>
internal sealed record InspectionParts(
    string Node, IBroker Broker, Declarations Declarations, IActorRef Gateway, IActorRef Root, TimeProvider Time, InspectionSettings Settings);
