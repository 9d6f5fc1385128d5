namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>How many are busy with each key, so that the last one can clear up. Safe for any number of threads.</summary>
internal sealed class KeyCount
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    public void Enter(string key)
    {
        lock (_gate) _counts[key] = _counts.GetValueOrDefault(key) + 1;
    }

    /// <returns>Whether nobody is left.</returns>
    public bool Leave(string key)
    {
        lock (_gate)
        {
            if (--_counts[key] > 0) return false;
            return _counts.Remove(key);
        }
    }
}
