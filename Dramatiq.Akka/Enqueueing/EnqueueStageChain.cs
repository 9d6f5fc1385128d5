using Akka.Event;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Enqueueing;

/// <summary>The enqueue stages of the middleware, in order, as children of the gateway: each is built when the first message comes to it, and again after it was stopped.</summary>
internal sealed class EnqueueStageChain
{
    private readonly GatewayTicks _ticks;
    private readonly IActorContext _owner;
    private readonly Middleware[] _middleware;
    private readonly IActorRef[] _stages;
    private readonly HashSet<EnqueueContext> _inHand = [];

    public EnqueueStageChain(MiddlewarePipeline pipeline, GatewayTicks ticks, IActorContext owner)
    {
        _ticks = ticks;
        _owner = owner;
        _middleware = [.. pipeline.All.Where(static middleware => middleware.EnqueueStage is not null)];
        _stages = new IActorRef[_middleware.Length];
        Array.Fill(_stages, ActorRefs.Nobody);
    }

    /// <summary>What is with a stage.</summary>
    public IReadOnlyCollection<EnqueueContext> InHand => _inHand;

    /// <summary>Sends a message to the next stage.</summary>
    /// <returns>Whether there was one; else it has passed them all.</returns>
    public bool Send(EnqueueContext context)
    {
        var place = context.Passed;
        if (place == _stages.Length)
            return false;

        _inHand.Add(context);
        _ticks.Start();
        if (_stages[place].IsNobody())
            _stages[place] = _owner.Watch(_owner.ActorOf(_middleware[place].EnqueueStage!));
        _stages[place].Tell(new GatewayProtocol.BeforeEnqueue(context));
        return true;
    }

    /// <summary>Takes a message out of its stage's hands.</summary>
    /// <returns>Whether it was there; else it was given up meanwhile.</returns>
    public bool Take(EnqueueContext context) => _inHand.Remove(context);

    /// <summary>Takes out what a stopped stage had in hand.</summary>
    /// <returns>Whose stage it was; null if none of these.</returns>
    public Middleware? OnTerminated(IActorRef stopped, out EnqueueContext[] lost)
    {
        var place = Array.IndexOf(_stages, stopped);
        lost = place < 0 ? [] : TakeAll(context => context.Passed == place);
        if (place < 0)
            return null;

        _stages[place] = ActorRefs.Nobody;
        return _middleware[place];
    }

    /// <summary>Takes out what has waited too long.</summary>
    public EnqueueContext[] TakeLate(long now) => TakeAll(context => context.Deadline <= now);

    /// <summary>Tells the stages of a confirmed message, the last first.</summary>
    public void AfterEnqueue(EnqueueContext context)
    {
        for (var i = _stages.Length - 1; i >= 0; i--)
            _stages[i].Tell(new GatewayProtocol.AfterEnqueue(context));
    }

    private EnqueueContext[] TakeAll(Func<EnqueueContext, bool> which)
    {
        if (_inHand.Count == 0)
            return [];

        var taken = _inHand.Where(which).ToArray();
        _inHand.ExceptWith(taken);
        return taken;
    }
}
