using Akka.Event;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Consumers;

/// <summary>Settlements that are with the broker together, and their messages for the signals; null for what could not be decoded.</summary>
internal sealed record SettlementBatch(ConsumerSession Session, SettlementLane Lane, List<Settlement> Settlements, List<Message?> Messages)
{
    /// <summary>Publishes what is about to be settled.</summary>
    public void AnnounceBefore(EventStream events)
    {
        for (var i = 0; i < Settlements.Count; i++)
        {
            if (Settlements[i].Kind is SettlementKind.Ack && Messages[i] is { } message)
                events.Publish(new Signals.BeforeAck(message));
            else if (Settlements[i].Kind is SettlementKind.DeadLetter)
                events.Publish(new Signals.BeforeNack(Messages[i], ReasonOf(Settlements[i]), Settlements[i].Cause));
        }
    }

    /// <summary>Publishes what has been settled.</summary>
    public void AnnounceAfter(EventStream events)
    {
        for (var i = 0; i < Settlements.Count; i++)
        {
            if (Settlements[i].Kind is SettlementKind.Ack && Messages[i] is { } message)
                events.Publish(new Signals.AfterAck(message));
            else if (Settlements[i].Kind is SettlementKind.DeadLetter)
                events.Publish(new Signals.AfterNack(Messages[i], ReasonOf(Settlements[i]), Settlements[i].Cause));
        }
    }

    private static string ReasonOf(in Settlement settlement) => settlement.Reason ?? "it was given up";
}
