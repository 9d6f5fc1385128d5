namespace Dramatiq.Akka.Consumers;

/// <summary>The orders that a consumer has not answered yet: pauses until nothing is taken and what had not started is back, scalings until the pool has done so.</summary>
internal sealed class OrdersUnderWay(string queue)
{
    private readonly List<(QueueConsumer.IOrder Order, IActorRef Asker)> _pauses = [];
    private readonly Queue<(QueueConsumer.IOrder Order, IActorRef Asker)> _scalings = [];
    private readonly List<ConsumerSession> _stopping = [];
    private int _handBacks;

    public void Pause(QueueConsumer.IOrder order, IActorRef asker)
    {
        _pauses.Add((order, asker));
        AnswerPauses();
    }

    /// <summary>A session was asked to stop, and so many holders to hand back what has not started.</summary>
    public void Stopping(ConsumerSession session, int holders)
    {
        _stopping.Add(session);
        _handBacks += holders;
    }

    public void HandedBack()
    {
        _handBacks--;
        AnswerPauses();
    }

    /// <summary>Answers the pauses if all that they wait for has come to pass.</summary>
    public void AnswerPauses()
    {
        if (_stopping.Count > 0)
            _stopping.RemoveAll(session => session.IsClosed || (session.HasStopped && _handBacks == 0 && session.IsFlushed));
        if (_stopping.Count > 0 || _pauses.Count == 0)
            return;

        foreach (var (order, asker) in _pauses)
            Answer(order, asker);
        _pauses.Clear();
    }

    public void Scale(QueueConsumer.IOrder order, IActorRef asker) => _scalings.Enqueue((order, asker));

    public void Scaled()
    {
        if (_scalings.TryDequeue(out var scaling))
            Answer(scaling.Order, scaling.Asker);
    }

    public void Answer(QueueConsumer.IOrder order, IActorRef asker) => asker.Tell(new QueueConsumer.Obeyed(queue, order));

    /// <summary>Answers everything once the sessions are closed: whoever takes this consumer's place starts as ordered.</summary>
    public void AnswerAllAfter(Task closing)
    {
        foreach (var (order, asker) in _pauses.Concat(_scalings))
        {
            var obeyed = new QueueConsumer.Obeyed(queue, order);
            closing.PipeTo(asker, success: () => obeyed, failure: _ => obeyed);
        }
    }
}
