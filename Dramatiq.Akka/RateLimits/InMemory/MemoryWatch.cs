namespace Dramatiq.Akka.RateLimits;

/// <summary>All who watch one counter for its next change.</summary>
internal sealed class MemoryWatch
{
    private readonly TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Changed => _changed.Task;

    /// <summary>How many wait and will leave.</summary>
    public int Waiters { get; set; }

    /// <summary>Whether somebody watches who does not say when that is over.</summary>
    public bool IsKept { get; set; }

    public void Tell() => _changed.TrySetResult();
}
