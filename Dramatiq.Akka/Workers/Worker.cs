using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Workers;

/// <summary>
/// Runs one message at a time: builds its stages and its handler when they are first needed, sends the message along the
/// slip, supervises what happens there, and settles the delivery by the outcome. It is sent a <see cref="Work"/>.
/// </summary>
internal static class Worker
{
    /// <summary>From a stage: the handler does not heed its token, so the message goes on without it, as failed.</summary>
    public sealed record Abandon(MessageContext Context, Exception Error) : INoSerializationVerificationNeeded;

    /// <summary>From a handler's actor: a handler that had been given up has come back.</summary>
    public sealed record CameBack(MessageContext Context) : INoSerializationVerificationNeeded;

    public static Props Create(string queue, WorkerSlot slot, WorkerBlueprint blueprint, IActorRef consumer) =>
        Props.Create(() => new WorkerActor(queue, slot, blueprint, consumer));
}
