namespace Dramatiq.Akka.Inspection;

/// <summary>A question has no answer.</summary>
public sealed class InspectionException(InspectionFailure failure, string message, Exception? innerException = null) : DramatiqException(message, innerException)
{
    /// <summary>Of which kind the reason is.</summary>
    public InspectionFailure Failure { get; } = failure;
}

/// <summary>Why a question has no answer.</summary>
public enum InspectionFailure
{
    /// <summary>The question itself is wrong: a negative page, arguments that are no JSON.</summary>
    Invalid,

    /// <summary>No such queue is declared.</summary>
    UnknownQueue,

    /// <summary>The queue is declared, and this process runs no consumer of it, so it has nothing to pause or scale here.</summary>
    NotConsumedHere,

    /// <summary>The broker of this process cannot do this.</summary>
    NotSupported,

    /// <summary>It has to be switched on by configuration; the text says with what.</summary>
    NotConfigured,

    /// <summary>The broker cannot be reached. It may work later.</summary>
    BrokerAway,

    /// <summary>The broker, or the gateway, refused it.</summary>
    Refused,

    /// <summary>This process drains, or has not started yet.</summary>
    NotRunning,

    /// <summary>No answer in time. An order may have been carried out.</summary>
    TimedOut,

    /// <summary>A fault of this library's.</summary>
    Internal,
}
