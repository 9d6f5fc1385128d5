using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Enqueueing;

/// <summary>A queue that the broker is not known to have yet, and what waits for it.</summary>
internal sealed class UndeclaredQueue(string name)
{
    public string Name { get; } = name;

    public List<EnqueueContext> Held { get; } = [];

    /// <summary>The call that is under way; null between two.</summary>
    public CancellationTokenSource? Call { get; set; }

    /// <summary>When to give the call up, as a timestamp of the time provider.</summary>
    public long CallDeadline { get; set; }
}
