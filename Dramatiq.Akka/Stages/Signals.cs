using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Stages;

/// <summary>
/// Dramatiq's signals that are not a stage, as events on the actor system's event stream: subscribe an actor to the type.
/// <c>{before,after}_process_message</c> and <c>after_skip_message</c> are <see cref="Stage.Before"/> and <see cref="Stage.After"/> (a skip comes
/// to After as its outcome); <c>{before,after}_enqueue</c> are an enqueue stage's; <c>actor_options</c> is <see cref="Middleware.Options"/>; there are no
/// <c>forks</c>. Python's worker is a process here, and its worker thread is a worker.
/// </summary>
public static class Signals
{
    /// <summary>What every signal is, for a subscriber to all.</summary>
    public interface ISignal : INoSerializationVerificationNeeded;

    /// <summary>A message is about to be acked.</summary>
    public sealed record BeforeAck(Message Message) : ISignal;

    /// <summary>The broker has been told that a message is done.</summary>
    public sealed record AfterAck(Message Message) : ISignal;

    /// <summary>A message is about to go to the dead-letter queue. Null for a body that cannot be decoded.</summary>
    public sealed record BeforeNack(Message? Message, string Reason, Exception? Error) : ISignal;

    /// <summary>A message is in the dead-letter queue. Null for a body that could not be decoded.</summary>
    public sealed record AfterNack(Message? Message, string Reason, Exception? Error) : ISignal;

    /// <summary>A stage skipped a message, or failed it before it ran.</summary>
    public sealed record AfterSkipMessage(Message Message, string Reason) : ISignal;

    /// <summary>A message waits in this process for its eta, in milliseconds since the Unix epoch.</summary>
    public sealed record BeforeDelayMessage(Message Message, long Eta) : ISignal;

    /// <summary>An actor is about to be declared to the running system.</summary>
    public sealed record BeforeDeclareActor(DeclaredActor Actor) : ISignal;

    /// <summary>An actor is declared.</summary>
    public sealed record AfterDeclareActor(DeclaredActor Actor) : ISignal;

    /// <summary>A queue is about to be declared at the broker.</summary>
    public sealed record BeforeDeclareQueue(string Queue) : ISignal;

    /// <summary>A queue is declared at the broker.</summary>
    public sealed record AfterDeclareQueue(string Queue) : ISignal;

    /// <summary>A delay queue is declared at the broker.</summary>
    public sealed record AfterDeclareDelayQueue(string Queue) : ISignal;

    /// <summary>The system is up, and nothing consumes yet.</summary>
    public sealed record AfterProcessBoot : ISignal;

    /// <summary>Consumers and workers are about to start.</summary>
    public sealed record BeforeWorkerBoot : ISignal;

    /// <summary>Consumers and workers have been started.</summary>
    public sealed record AfterWorkerBoot : ISignal;

    /// <summary>The process drains: handlers that asked for it are told to stop.</summary>
    public sealed record BeforeWorkerShutdown : ISignal;

    /// <summary>The process has drained.</summary>
    public sealed record AfterWorkerShutdown : ISignal;

    /// <summary>A queue's consumer started (Python: <c>after_consumer_thread_boot</c>).</summary>
    public sealed record AfterConsumerStart(string Queue, IActorRef Consumer) : ISignal;

    /// <summary>A queue's consumer stops (Python: <c>before_consumer_thread_shutdown</c>).</summary>
    public sealed record BeforeConsumerStop(string Queue, IActorRef Consumer) : ISignal;

    /// <summary>A worker started (Python: <c>after_worker_thread_boot</c>).</summary>
    public sealed record AfterWorkerStart(string Queue, IActorRef Worker) : ISignal;

    /// <summary>A worker stops (Python: <c>before_worker_thread_shutdown</c>).</summary>
    public sealed record BeforeWorkerStop(string Queue, IActorRef Worker) : ISignal;

    /// <summary>A handler did not heed its token, and its worker was replaced. Not one of Dramatiq's.</summary>
    public sealed record HandlerAbandoned(string Queue, string ActorName, Message Message) : ISignal;
}
