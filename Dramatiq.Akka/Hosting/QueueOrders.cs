using Dramatiq.Akka.Consumers;

namespace Dramatiq.Akka.Hosting;

/// <summary>The orders given to consumers and not carried out yet, so that a consumer that takes another's place gets those too.</summary>
internal sealed class QueueOrders
{
    private readonly List<(string Queue, QueueConsumer.IOrder Order, IActorRef Asker)> _open = [];

    public void Give(string queue, QueueConsumer.IOrder order, IActorRef consumer, IActorRef asker)
    {
        _open.Add((queue, order, asker));
        consumer.Tell(order);
    }

    public void GiveAgain(string queue, IActorRef consumer)
    {
        foreach (var open in _open)
            if (open.Queue == queue)
                consumer.Tell(open.Order);
    }

    public void OnObeyed(QueueConsumer.Obeyed obeyed) => Answer(open => open.Queue == obeyed.Queue && ReferenceEquals(open.Order, obeyed.Order));

    /// <summary>The consumer is gone and is not replaced: nothing is taken from the queue any more.</summary>
    public void OnGone(string queue) => Answer(open => open.Queue == queue);

    private void Answer(Predicate<(string Queue, QueueConsumer.IOrder Order, IActorRef Asker)> which)
    {
        foreach (var (queue, order, asker) in _open.FindAll(which))
            asker.Tell(new QueueConsumer.Obeyed(queue, order));
        _open.RemoveAll(which);
    }
}
