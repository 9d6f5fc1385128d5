using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Results;

/// <summary>A result to store, and who is told what came of it. Exactly one of its methods is called, once.</summary>
internal abstract class StoreOrder(ResultToStore result) : INoSerializationVerificationNeeded
{
    public ResultToStore Result { get; } = result;

    /// <summary>When the writer took it, as a timestamp of the time provider. The writer's own.</summary>
    public long Since { get; set; }

    /// <summary>The delivery whose handling is over; null where a stage still has it.</summary>
    public virtual Delivery? Finished => null;

    /// <summary>It is stored.</summary>
    public abstract void Stored();

    /// <summary>The store was away for too long.</summary>
    public abstract void GiveUp(string reason);

    /// <summary>The store does not want it.</summary>
    public abstract void Refuse(Exception error);
}

/// <summary>Of a delivery that has come to its end: the consumer settles it once its result is stored, and the broker keeps it until then.</summary>
internal sealed class SettleOrder(ResultToStore result, IActorRef consumer, Settlement settlement, Message message, bool hasFailed, TimeProvider time) : StoreOrder(result)
{
    public override Delivery Finished => settlement.Delivery;

    public override void Stored() => Settle(settlement);

    public override void GiveUp(string reason) => Settle(Settlement.Return(settlement.Delivery));

    /// <summary>Another run would end the same way: it is given up, with what was to be settled so far as it was a dead letter anyway.</summary>
    public override void Refuse(Exception error)
    {
        if (settlement.Kind is SettlementKind.DeadLetter)
        {
            Settle(settlement);
            return;
        }

        var reason = "its result could not be stored: " + error.Message;
        Settle(Settlement.DeadLetter(settlement.Delivery, DeadLetterNote.Attach(message, reason, error, null, null, time).Encode(), error, reason));
    }

    private void Settle(Settlement last) => consumer.Tell(new QueueConsumer.Settled(last, message, hasFailed), ActorRefs.NoSender);
}

/// <summary>Of a message that others follow at once: its stage holds it until its result is stored.</summary>
internal sealed class StageOrder(ResultToStore result, IActorRef stage, MessageContext context, Outcome.Succeeded outcome) : StoreOrder(result)
{
    public MessageContext Context { get; } = context;

    public Outcome.Succeeded Outcome { get; } = outcome;

    public override void Stored() => stage.Tell(new Answer(this, Outcome), ActorRefs.NoSender);

    public override void GiveUp(string reason) => stage.Tell(new Answer(this, new Outcome.Returned(reason)), ActorRefs.NoSender);

    public override void Refuse(Exception error) =>
        stage.Tell(new Answer(this, new Outcome.Dead("its result could not be stored: " + error.Message, error)), ActorRefs.NoSender);

    /// <summary>To the stage: how its message goes on.</summary>
    public sealed record Answer(StageOrder Order, Outcome Next) : INoSerializationVerificationNeeded;
}
