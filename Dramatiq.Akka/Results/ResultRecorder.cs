using Akka.Event;
using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Results;

/// <summary>
/// Says what is stored of a message that has come to its end, whichever end that is, and has it stored before the delivery is settled. Shared by all workers and consumers of a system; keeps no state.
/// </summary>
internal sealed class ResultRecorder(Stages.Results middleware, IActorRef writer, TimeProvider time, ILoggingAdapter log)
{
    private static readonly byte[] Null = "null"u8.ToArray();

    /// <summary>Settles what a worker is done with: at once where nothing is to be stored, or is stored already.</summary>
    public void Settle(MessageContext context, Outcome outcome, Settlement settlement, IActorRef consumer)
    {
        if (settlement.Kind is SettlementKind.Ack or SettlementKind.DeadLetter && !ReferenceEquals(outcome, context.StoredOutcome)
            && middleware.Stores(context.Message, context.Actor, out var ttl) && JsonOf(context, outcome, ref settlement) is { } json)
            writer.Tell(new SettleOrder(new ResultToStore(ResultKey.Of(context.Message), json, ttl), consumer, settlement, context.Message, time), ActorRefs.NoSender);
        else
            consumer.Tell(new QueueConsumer.Settled(settlement, context.Message), ActorRefs.NoSender);
    }

    /// <summary>Settles a dead letter that no worker has seen, of an actor that may be unknown here.</summary>
    /// <returns>False where nothing is to be stored: the caller settles.</returns>
    public bool SettleDead(Message message, DeclaredActor? actor, Settlement settlement, IActorRef consumer)
    {
        if (!middleware.Stores(message, actor, out var ttl))
            return false;

        var json = FailureOf(settlement.Cause, settlement.Reason ?? "it was given up");
        writer.Tell(new SettleOrder(new ResultToStore(ResultKey.Of(message), json, ttl), consumer, settlement, message, time), ActorRefs.NoSender);
        return true;
    }

    /// <summary>Stores what a stage holds back until it is stored; the stage is told a <see cref="StageOrder.Answer"/>.</summary>
    public StageOrder Store(MessageContext context, Outcome.Succeeded outcome, TimeSpan ttl, IActorRef stage)
    {
        var order = new StageOrder(new ResultToStore(ResultKey.Of(context.Message), context.JsonOf(outcome), ttl), stage, context, outcome);
        writer.Tell(order, ActorRefs.NoSender);
        return order;
    }

    /// <summary>The type and message of the exception; without one, Python's plain <c>Exception</c> and the reason.</summary>
    private static byte[] FailureOf(Exception? error, string reason) => FailureJson.Write(error?.GetType().Name ?? "Exception", error?.Message ?? reason);

    /// <summary>What is stored; null for nothing, since the message goes on living.</summary>
    private ReadOnlyMemory<byte>? JsonOf(MessageContext context, Outcome outcome, ref Settlement settlement)
    {
        switch (outcome)
        {
            case Outcome.Succeeded succeeded:
                try
                {
                    return context.JsonOf(succeeded);
                }
                catch (UnserializableResultException error)
                {
                    var dead = new Outcome.Dead(error.Message, error);
                    settlement = Settling.Of(context, dead, log, time);
                    return FailureOf(error, error.Message);
                }

            case Outcome.Skipped: return Null;
            case Outcome.Dead dead: return FailureOf(dead.Error, dead.Reason);
            case Outcome.Failed failed: return FailureOf(failed.Error, failed.Error.Message);
            default: return null;
        }
    }
}
