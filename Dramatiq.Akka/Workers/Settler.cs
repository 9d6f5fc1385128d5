using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Results;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Workers;

/// <summary>
/// Tells the consumer how a delivery is settled, by way of what must be safe before: its result is stored, then its end counted in the groups that it is a part of. Shared by all workers and
/// consumers of a system; keeps no state.
/// </summary>
/// <param name="results">What stores results; null where no store is named.</param>
/// <param name="groups">What counts the ends of members: see <see cref="GroupEndings"/>; null where nothing does.</param>
internal sealed class Settler(ResultRecorder? results, IActorRef? groups)
{
    /// <summary>How long the result of a message is kept; null where it is not stored.</summary>
    public TimeSpan? TtlOf(Message message, DeclaredActor actor) => results?.TtlOf(message, actor);

    /// <summary>Settles what a worker is done with: at once, where there is nothing to do before.</summary>
    public void Settle(MessageContext context, Outcome outcome, Settlement settlement, bool hasFailed, IActorRef consumer)
    {
        if (context.IsDuplicate)
        {
            consumer.Tell(new QueueConsumer.Settled(settlement, context.Message, hasFailed), ActorRefs.NoSender);
            return;
        }

        if (groups is not null && GroupMembership.IsIn(context.Message.Options) && EndOf(outcome) is { } end)
        {
            groups.Tell(new GroupEndings.Expect(settlement.Delivery, end, (outcome as Outcome.Failed)?.Error, consumer), ActorRefs.NoSender);
            consumer = groups;
        }

        if (results is not null)
            results.Settle(context, outcome, settlement, hasFailed, consumer);
        else
            consumer.Tell(new QueueConsumer.Settled(settlement, context.Message, hasFailed), ActorRefs.NoSender);
    }

    /// <summary>Settles a dead letter that no worker has seen, of an actor that may be unknown here.</summary>
    /// <returns>False where there is nothing to do before: the caller settles.</returns>
    public bool SettleDead(Message message, DeclaredActor? actor, Settlement settlement, IActorRef consumer)
    {
        var isMember = groups is not null && GroupMembership.IsIn(message.Options);
        if (isMember)
        {
            groups!.Tell(new GroupEndings.Expect(settlement.Delivery, MemberEnd.Failed, null, consumer), ActorRefs.NoSender);
            consumer = groups;
        }

        if (results?.SettleDead(message, actor, settlement, consumer) is true)
            return true;

        if (isMember)
            consumer.Tell(new QueueConsumer.Settled(settlement, message), ActorRefs.NoSender);
        return isMember;
    }

    /// <summary>What an outcome is to a group; null where the message goes on living.</summary>
    private static MemberEnd? EndOf(Outcome outcome) => outcome switch
    {
        Outcome.Succeeded => MemberEnd.Succeeded,
        Outcome.Skipped => MemberEnd.Skipped,
        Outcome.Dead or Outcome.Failed => MemberEnd.Failed,
        _ => null,
    };
}
