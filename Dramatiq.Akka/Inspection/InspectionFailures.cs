using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Consumers;

namespace Dramatiq.Akka.Inspection;

/// <summary>What an exception means to whoever asked.</summary>
internal static class InspectionFailures
{
    public static InspectionException Of(Exception error, IBroker broker) => error switch
    {
        InspectionException told => told,
        AggregateException { InnerException: { } inner } => Of(inner, broker),
        QueueNotFoundException unknown => new InspectionException(InspectionFailure.UnknownQueue, unknown.Message, unknown),
        QueueNotConsumedException elsewhere => new InspectionException(InspectionFailure.NotConsumedHere, elsewhere.Message, elsewhere),
        BrokerException { IsTransient: true } away => new InspectionException(InspectionFailure.BrokerAway, $"The broker ({broker.Name}) cannot be asked now: {away.Message}", away),
        BrokerException refused => new InspectionException(InspectionFailure.Refused, refused.Message, refused),
        EnqueueFailedException refused => new InspectionException(InspectionFailure.Refused, refused.Message, refused),
        TaskSystemDrainsException drains => new InspectionException(InspectionFailure.NotRunning, drains.Message, drains),
        ArgumentException or Messages.DecodeException => new InspectionException(InspectionFailure.Invalid, error.Message, error),
        AskTimeoutException or TimeoutException => new InspectionException(InspectionFailure.TimedOut, "An actor of this process did not answer in time: " + error.Message, error),
        _ => new InspectionException(InspectionFailure.Internal, $"The question could not be answered: {error.GetType().Name}: {error.Message}", error),
    };
}
