namespace Dramatiq.Akka.Stages;

/// <summary>How long a retry waits, as Dramatiq computes it: doubling, spread by jitter, and capped with jitter kept.</summary>
internal static class Backoff
{
    private const int MostDoublings = 32;

    /// <param name="retries">How many retries there have been: 0 before the first.</param>
    /// <param name="minMs">The wait that doubles with each retry, in milliseconds.</param>
    /// <param name="maxMs">The longest wait, in milliseconds.</param>
    /// <param name="jitter">A number from 0 to 1 by chance: the wait is 1 + jitter times the doubled one.</param>
    /// <param name="cappedJitter">Another one, drawn for itself as Dramatiq draws it: a wait above the cap becomes (0.5 + this/2) times the cap.</param>
    public static TimeSpan Of(int retries, double minMs, double maxMs, double jitter, double cappedJitter)
    {
        var wait = Math.Floor(minMs * Math.Pow(2, Math.Min(retries, MostDoublings)) * (1 + jitter));
        if (wait > maxMs)
            wait = Math.Floor(maxMs * (0.5 + cappedJitter / 2));
        return TimeSpan.FromMilliseconds(wait);
    }
}
