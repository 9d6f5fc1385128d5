namespace Dramatiq.Akka.Workers;

/// <summary>A worker as its pool sees it. Only the pool reads and writes it; the worker names itself by it, and when it begins reads since when it has what it was given.</summary>
internal sealed class WorkerSlot
{
    public IActorRef Ref { get; set; } = ActorRefs.Nobody;

    /// <summary>What it has in hand.</summary>
    public Work? InHand { get; set; }

    /// <summary>When it was given what it has in hand, as a timestamp of the time provider.</summary>
    public long Since { get; set; }

    /// <summary>What it was abandoned with.</summary>
    public Work? Stuck { get; set; }

    /// <summary>Whether it is to stop when it is done.</summary>
    public bool IsRetiring { get; set; }

    /// <summary>Whether it is out of the pool, with a handler that does not come back.</summary>
    public bool IsAbandoned { get; set; }
}
