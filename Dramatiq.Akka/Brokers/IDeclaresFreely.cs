namespace Dramatiq.Akka.Brokers;

/// <summary>
/// A broker whose queues need no making: to declare one tells it a name and costs the server nothing. The core declares the queues of all declared actors at the start then, so that a process that
/// only sends can look at them before it has sent.
/// </summary>
public interface IDeclaresFreely : IBroker;
