namespace Dramatiq.Akka.Consumers;

/// <summary>What was ordered for a queue while it runs, kept by its parent so that a consumer that starts anew does as the one before it. Written by the parent, read when a consumer is built.</summary>
internal sealed class ConsumerMemory
{
    private volatile bool _pausedHere;
    private volatile bool _pausedEverywhere;
    private volatile int _workers;

    public bool IsPaused => _pausedHere || _pausedEverywhere;

    /// <summary>Whether this process was told to take nothing.</summary>
    public bool IsPausedHere
    {
        get => _pausedHere;
        set => _pausedHere = value;
    }

    /// <summary>Whether every process was; true as well as long as that is not known.</summary>
    public bool IsPausedEverywhere
    {
        get => _pausedEverywhere;
        set => _pausedEverywhere = value;
    }

    /// <summary>What went through, which a successor goes on counting.</summary>
    public ConsumerTraffic Traffic { get; } = new();

    /// <summary>How many workers the queue is to have; 0 for as many as are configured.</summary>
    public int Workers
    {
        get => _workers;
        set => _workers = value;
    }
}
