using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Consumers;

/// <summary>
/// The end of a consumer: nothing left to settle, and no worker with a message in hand. The sessions alone would not do: a handler whose session was lost has nothing to settle
/// any more, and may finish all the same.
/// </summary>
internal sealed class ConsumerDrain(string queue, ConsumerSessions sessions, IActorRef pool, IActorRef owner)
{
    private IActorRef? _drainer;
    private bool _isAtRest;

    public void Begin(IActorRef drainer)
    {
        _drainer = drainer;
        _isAtRest = pool.IsNobody();
        if (!_isAtRest)
            pool.Tell(WorkerPool.AwaitRest.Instance, owner);
        TellIfOver();
    }

    public void OnAtRest()
    {
        _isAtRest = true;
        TellIfOver();
    }

    public void TellIfOver()
    {
        if (_drainer is not { } drainer || !_isAtRest || !sessions.IsEmpty)
            return;

        _drainer = null;
        drainer.Tell(new QueueConsumer.Drained(queue));
    }
}
