using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Hosting;

namespace Dramatiq.Akka.Inspection;

/// <summary>What the inspection actor asks, and orders about.</summary>
/// <param name="NodeName">What this process is called.</param>
/// <param name="Broker">The broker.</param>
/// <param name="Declarations">What is declared.</param>
/// <param name="Gateway">The gateway.</param>
/// <param name="Queue">The gateway with a method's face.</param>
/// <param name="Node">The consumers.</param>
/// <param name="Lives">Where the lives of messages are kept; null where they are not.</param>
/// <param name="Drain">Drains the process.</param>
/// <param name="Time">The clock.</param>
/// <param name="Settings">What is configured.</param>
internal sealed record InspectionParts(
    string NodeName,
    IBroker Broker,
    Declarations Declarations,
    IActorRef Gateway,
    ITaskQueue Queue,
    NodeOrders Node,
    ILifeStore? Lives,
    Func<Task> Drain,
    TimeProvider Time,
    InspectionSettings Settings);
