using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Consumers;

/// <summary>
/// The sessions of one queue: the one that takes messages, and those before it that still have some to settle. A session is stopped, gives back what has not started, settles the
/// rest, and is closed. Part of the consumer, which alone calls it.
/// </summary>
internal sealed class ConsumerSessions(IActorRef pool, IActorRef delays, IActorRef owner, OrdersUnderWay orders, ConsumerTraffic traffic)
{
    private readonly List<ConsumerSession> _all = [];
    private int _closing;

    /// <summary>The one that takes messages; null when none does.</summary>
    public ConsumerSession? Current { get; private set; }

    /// <summary>Whether nothing is left to settle or to close.</summary>
    public bool IsEmpty => _all.Count == 0 && _closing == 0;

    public int InFlight
    {
        get
        {
            var inFlight = 0;
            foreach (var session in _all)
                inFlight += session.InFlight;
            return inFlight;
        }
    }

    public void Begin(ConsumerSession session)
    {
        _all.Add(session);
        Current = session;
    }

    /// <summary>Finds the session that holds the delivery. One that is lost has nothing to settle any more.</summary>
    public void Settle(Settlement settlement, Messages.Message? message, bool hasFailed)
    {
        for (var i = 0; i < _all.Count; i++)
        {
            if (!ReferenceEquals(_all[i].Broker, settlement.Delivery.Consumer))
                continue;

            if (_all[i].Settle(settlement, message))
                traffic.Settled(settlement.Kind, hasFailed);
            return;
        }
    }

    public void Flush()
    {
        for (var i = _all.Count - 1; i >= 0; i--)
        {
            var session = _all[i];
            session.Flush();
            CloseIfDone(session);
        }

        orders.AnswerPauses();
    }

    public void OnFlushed(QueueConsumer.Flushed flushed)
    {
        if (flushed.Batch.Session.OnFlushed(flushed))
            CloseIfDone(flushed.Batch.Session);
        orders.AnswerPauses();
    }

    /// <summary>Takes no more: what no worker has started goes back.</summary>
    public void StopTaking()
    {
        if (Current is not { } session)
            return;

        Current = null;
        session.IsStopped = true;
        session.Broker!.StopAsync().AsTask().PipeTo(owner, success: () => new QueueConsumer.Stopped(session), failure: error => new QueueConsumer.SessionEnded(session, error));
        orders.Stopping(session, pool.IsNobody() ? 1 : 2);
        pool.Tell(WorkerPool.HandBack.Instance, owner);
        delays.Tell(DelayBuffer.HandBack.Instance, owner);
        CloseIfDone(session);
    }

    public void OnStopped(ConsumerSession session)
    {
        session.HasStopped = true;
        Flush();
    }

    public void OnHandedBack(IReadOnlyList<Work> works)
    {
        foreach (var work in works)
            Settle(Settlement.Return(work.Delivery), work.Message, hasFailed: false);
        orders.HandedBack();
    }

    public void OnHandedBack(IReadOnlyList<DelayBuffer.Hold> holds)
    {
        foreach (var hold in holds)
            Settle(Settlement.Return(hold.Delivery), hold.Message, hasFailed: false);
        orders.HandedBack();
    }

    /// <summary>The broker has it all back. What no worker has started is forgotten; what runs may finish, into the void.</summary>
    /// <returns>Whether it was the one that took messages.</returns>
    public bool Lose(ConsumerSession session)
    {
        session.Lose();
        _all.Remove(session);
        orders.AnswerPauses();
        delays.Tell(new DelayBuffer.ForgetAll(session), owner);
        pool.Tell(new WorkerPool.Forget(session.Broker!), owner);
        if (session != Current)
            return false;

        Current = null;
        return true;
    }

    public void OnClosed(ConsumerSession session)
    {
        session.IsClosed = true;
        _closing--;
        orders.AnswerPauses();
    }

    /// <summary>Ends all at once: what they still have in the owner's mailbox is not for the consumer that takes its place.</summary>
    public Task EndAsync() => Task.WhenAll(_all.Select(static session => session.EndAsync()).ToArray());

    /// <summary>Closes a stopped session once everything of it is settled at the broker.</summary>
    private void CloseIfDone(ConsumerSession session)
    {
        if (!session.IsStopped || session.IsOver || session.InFlight > 0 || !session.IsFlushed)
            return;

        _all.Remove(session);
        _closing++;
        session.EndAsync().PipeTo(owner, success: () => new QueueConsumer.Closed(session), failure: _ => new QueueConsumer.Closed(session));
    }
}
