namespace Dramatiq.Akka.Telemetry;

/// <summary>
/// The durations of one worker, told to the histogram a few at a time while messages come thick: workers that tell it of each message wait for each other at its lock, which is dearer than all
/// the rest of a measurement. Its worker adds; whoever collects the metrics empties it first, so that a scrape sees all that ended before it, but for what a worker is adding just then.
/// </summary>
internal sealed class DurationBatch(TaskTelemetry system)
{
    private const int Capacity = 32;

    /// <summary>What ends so long after the last telling is told at once, and all before it.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly long _interval = (long)(Interval.TotalSeconds * system.Time.TimestampFrequency);
    private readonly double _toMilliseconds = 1_000.0 / system.Time.TimestampFrequency;
    private long _told = long.MinValue / 2;   // never

    // Null while somebody has it in hand.
    private Entries? _entries = new();

    /// <param name="actor">Whose message has ended just now.</param>
    /// <param name="since">When it began, as a timestamp of the time provider.</param>
    public void Add(ActorTelemetry actor, long since)
    {
        var now = system.Time.GetTimestamp();
        var duration = (now - since) * _toMilliseconds;
        if (Interlocked.Exchange(ref _entries, null) is not { } entries)
        {
            system.Durations.Record(duration, actor.Tags);   // it is being emptied just now
            return;
        }

        entries.Add(actor, duration);
        if (entries.Count == Capacity || now - _told >= _interval)
        {
            _told = now;
            Tell(entries);
        }
        else
        {
            Volatile.Write(ref _entries, entries);
        }
    }

    /// <summary>From any thread.</summary>
    public void Tell()
    {
        // A worker that adds at this very moment keeps what it has: the next collection sees it.
        if (Interlocked.Exchange(ref _entries, null) is { } entries)
            Tell(entries);
    }

    /// <summary>A listener that throws gets none of them twice, and does not end the batching.</summary>
    private void Tell(Entries entries)
    {
        try
        {
            entries.Tell(system);
        }
        finally
        {
            entries.Clear();
            Volatile.Write(ref _entries, entries);
        }
    }

    private sealed class Entries
    {
        private readonly ActorTelemetry[] _actors = new ActorTelemetry[Capacity];
        private readonly double[] _durations = new double[Capacity];

        public int Count { get; private set; }

        public void Add(ActorTelemetry actor, double duration)
        {
            _actors[Count] = actor;
            _durations[Count++] = duration;
        }

        public void Tell(TaskTelemetry system)
        {
            for (var i = 0; i < Count; i++)
                system.Durations.Record(_durations[i], _actors[i].Tags);
        }

        public void Clear() => Count = 0;
    }
}
