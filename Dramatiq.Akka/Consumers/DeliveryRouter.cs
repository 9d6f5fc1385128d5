using Akka.Event;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Consumers;

/// <summary>Gives what was delivered to the pool or to the delay buffer, as the reader decides; the work of one batch goes to the pool in one message. Part of the consumer, which alone calls it.</summary>
internal sealed class DeliveryRouter(DeliveryReader reader, IActorRef pool, IActorRef delays, IActorRef owner, ConsumerTraffic traffic, EventStream events, ILoggingAdapter log)
{
    private List<Work> _batch = [];

    public void Route(ConsumerSession session, IReadOnlyList<Delivery> deliveries)
    {
        traffic.Taken(deliveries.Count);
        for (var i = 0; i < deliveries.Count; i++)
        {
            var delivery = deliveries[i];
            session.Receive(delivery);
            if (session.IsStopped)
                Settle(session, Settlement.Return(delivery), null);
            else
                Route(session, reader.Read(delivery));
        }

        if (_batch.Count == 0)
            return;

        pool.Tell(new WorkerPool.Run(_batch), owner);
        _batch = new List<Work>(_batch.Count);
    }

    private void Route(ConsumerSession session, object read)
    {
        switch (read)
        {
            case Work work:
                _batch.Add(work);
                break;
            case DelayBuffer.Hold hold:
                events.Publish(new Signals.BeforeDelayMessage(hold.Message, hold.Eta));
                delays.Tell(hold, owner);
                break;
            case DeliveryReader.Refused refused:
                log.Error("{0}", refused.LogLine);
                Settle(session, refused.Settlement, refused.Message);
                break;
        }
    }

    private void Settle(ConsumerSession session, Settlement settlement, Messages.Message? message)
    {
        if (session.Settle(settlement, message))
            traffic.Settled(settlement.Kind, hasFailed: false);
    }
}
