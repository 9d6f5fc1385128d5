using Akka.Event;
using Akka.Streams;
using Akka.Streams.Dsl;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Consumers;

/// <summary>
/// One materialized consumer at the broker, from connecting to closing, and what it has to settle. A queue consumer that pauses or reconnects has a new one, while the
/// old may still have deliveries to settle.
/// </summary>
internal sealed class ConsumerSession(string queue, IActorRef owner, EventStream events, ILoggingAdapter log)
{
    private readonly HashSet<Delivery> _inFlight = [];
    private readonly SettlementLane _ends = new();
    private readonly SettlementLane _deadLetters = new();   // of their own: one that the broker cannot store just now holds up no ack

    /// <summary>How to settle; null until the stream runs.</summary>
    public IBrokerConsumer? Broker { get; private set; }

    /// <summary>How many deliveries were received and not settled.</summary>
    public int InFlight => _inFlight.Count;

    /// <summary>Whether the broker has been told of everything that was settled.</summary>
    public bool IsFlushed => _ends.IsEmpty && _deadLetters.IsEmpty;

    /// <summary>Whether it was asked for no more deliveries.</summary>
    public bool IsStopped { get; set; }

    /// <summary>Whether the broker has said that it sends no more.</summary>
    public bool HasStopped { get; set; }

    /// <summary>Whether the broker has everything back that was not settled.</summary>
    public bool IsClosed { get; set; }

    /// <summary>Whether it is lost or closed: nothing can be settled any more.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Runs the stream, which tells the owner of deliveries, and of its end.</summary>
    public void Open(IBroker broker, int prefetch, IMaterializer materializer)
    {
        (Broker, var ended) = broker.Consume(queue, prefetch)
            .ToMaterialized(Sink.ForEach<IReadOnlyList<Delivery>>(deliveries => owner.Tell(new QueueConsumer.Delivered(this, deliveries), ActorRefs.NoSender)), Keep.Both)
            .Run(materializer);
        ended.PipeTo(owner,
            success: () => new QueueConsumer.SessionEnded(this, null),
            failure: error => new QueueConsumer.SessionEnded(this, (error as AggregateException)?.InnerException ?? error));   // streams wrap it
        if (Broker is ILeasesDeliveries leased)
            leased.LeaseOver.PipeTo(owner, success: () => new QueueConsumer.LeaseOver(this));
    }

    public void Receive(Delivery delivery) => _inFlight.Add(delivery);

    /// <summary>Notes what becomes of a delivery, for the next flush. One that is not in flight is passed over.</summary>
    /// <returns>Whether it was in flight.</returns>
    public bool Settle(Settlement settlement, Message? message)
    {
        if (!_inFlight.Remove(settlement.Delivery))
            return false;

        var lane = settlement.Kind is SettlementKind.DeadLetter ? _deadLetters : _ends;
        if (lane.IsEmpty)
            owner.Tell(QueueConsumer.Flush.Instance);   // comes after what is in the mailbox already, so that it goes out in one batch
        lane.Add(settlement, message);
        return true;
    }

    /// <summary>Tells the broker of what was settled.</summary>
    public void Flush()
    {
        Flush(_ends);
        Flush(_deadLetters);
    }

    private void Flush(SettlementLane lane)
    {
        if (lane.TakeNext(this) is not { } batch)
            return;

        batch.AnnounceBefore(events);
        var settling = Broker!.SettleAsync(batch.Settlements);
        if (settling.IsCompletedSuccessfully)
        {
            lane.IsUnderWay = false;
            batch.AnnounceAfter(events);
            return;
        }

        settling.AsTask().PipeTo(owner, success: () => new QueueConsumer.Flushed(batch, null), failure: error => new QueueConsumer.Flushed(batch, error));
    }

    /// <returns>Whether the session goes on; else it is lost, and the owner is told so.</returns>
    public bool OnFlushed(QueueConsumer.Flushed flushed)
    {
        flushed.Batch.Lane.IsUnderWay = false;
        if (IsOver)
            return false;

        if (flushed.Error is { } error)
        {
            log.Warning("Queue {0}: {1} settled messages could not be told to the broker, which delivers them again: {2}", queue, flushed.Batch.Settlements.Count, error.Message);
            _ = CloseAsync();
            owner.Tell(new QueueConsumer.SessionEnded(this, error));
            return false;
        }

        flushed.Batch.AnnounceAfter(events);
        Flush(flushed.Batch.Lane);
        return true;
    }

    /// <summary>The broker delivers again whatever was not settled; workers that still run some of it will settle into the void.</summary>
    public void Lose()
    {
        IsOver = true;
        IsClosed = true;
        _ = CloseAsync();   // the loss may be known on this side alone, and then the broker would keep what is in hand for a consumer that is no more
        if (_inFlight.Count > 0)
            log.Warning("Queue {0}: {1} messages in hand were lost to a closed consumer; the broker delivers them again.", queue, _inFlight.Count);
        _inFlight.Clear();
        _ends.Clear();
        _deadLetters.Clear();
    }

    /// <summary>Ends it: what still comes of it is passed over.</summary>
    public Task EndAsync()
    {
        IsOver = true;
        return CloseAsync();
    }

    private Task CloseAsync() => Broker!.CloseAsync().AsTask();
}
