using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Enqueueing;

/// <summary>Where the answer about one message goes.</summary>
internal interface IReply
{
    /// <summary>Whether the message counts toward the bound of what may wait: what stages and delay buffers publish does not, since workers and prefetch bound it.</summary>
    bool IsBounded { get; }

    void Confirmed(EnqueueContext context);

    /// <summary>Says that the message is not enqueued.</summary>
    /// <returns>Whether somebody was told; else the gateway logs it.</returns>
    bool Failed(EnqueueFailedException error);
}

/// <summary>To an actor that gave an order.</summary>
internal sealed class ActorReply(IActorRef sender, bool confirms) : IReply
{
    public bool IsBounded => true;

    public void Confirmed(EnqueueContext context)
    {
        if (confirms)
            sender.Tell(context.Confirmation, ActorRefs.NoSender);
    }

    public bool Failed(EnqueueFailedException error)
    {
        if (sender.IsNobody())
            return false;

        sender.Tell(new Status.Failure(error), ActorRefs.NoSender);
        return confirms;
    }
}

/// <summary>To a stage.</summary>
internal sealed class StageReply(IActorRef stage, object correlation) : IReply
{
    public bool IsBounded => false;

    public void Confirmed(EnqueueContext context) => stage.Tell(new GatewayProtocol.Published(correlation), ActorRefs.NoSender);

    public bool Failed(EnqueueFailedException error)
    {
        stage.Tell(new GatewayProtocol.PublishFailed(correlation, error), ActorRefs.NoSender);
        return true;
    }
}

/// <summary>To code that awaits.</summary>
internal sealed class TaskReply(TaskCompletionSource<Enqueued> completion, bool isBounded = true) : IReply
{
    public bool IsBounded => isBounded;

    public void Confirmed(EnqueueContext context) =>
        completion.TrySetResult(context.Confirmation);

    public bool Failed(EnqueueFailedException error)
    {
        completion.TrySetException(error);
        return true;
    }
}

/// <summary>One place of an answer about many. Touched by the gateway's thread alone.</summary>
internal sealed class ManyReply(ManyReply.Answer answer, int index) : IReply
{
    public bool IsBounded => true;

    public void Confirmed(EnqueueContext context) =>
        answer.Set(index, new EnqueueResult(context.Confirmation, null));

    public bool Failed(EnqueueFailedException error)
    {
        answer.Set(index, new EnqueueResult(null, error));
        return true;
    }

    /// <summary>Gathers the results, and answers when the last is there.</summary>
    internal sealed class Answer(IActorRef sender, int count)
    {
        private readonly EnqueueResult[] _results = new EnqueueResult[count];
        private int _missing = count;

        public void Set(int index, EnqueueResult result)
        {
            _results[index] = result;
            if (--_missing == 0)
                sender.Tell(new EnqueuedMany(_results), ActorRefs.NoSender);
        }
    }
}
