namespace Dramatiq.Akka.Consumers;

/// <summary>What was ordered for a queue while it runs, kept by its parent so that a consumer that starts anew does as the one before it. Written by the parent, read when a consumer is built.</summary>
internal sealed class ConsumerMemory
{
    private volatile bool _paused;
    private volatile int _workers;

    public bool IsPaused
    {
        get => _paused;
        set => _paused = value;
    }

    /// <summary>How many workers the queue is to have; 0 for as many as are configured.</summary>
    public int Workers
    {
        get => _workers;
        set => _workers = value;
    }
}
