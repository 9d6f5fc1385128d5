namespace Dramatiq.Akka.RateLimits;

/// <summary>Those that wait for room under one key, in order. Belongs to its gate.</summary>
internal sealed class Lane(RateLimit limit, string key, RateLimiter limiter)
{
    private const int UpperMostQuestions = 16;

    // How much a new distance between two admissions weighs in the average.
    private const double Weight = 0.2;

    // Twice as fast as it seems: one that comes back too early goes away again, one that comes too late leaves room unused.
    private const double Haste = 0.5;

    // How long a slot is held is not known before some have been; 0 says so.
    private double _intervalMs = limit.Kind is RateLimitKind.Concurrent ? 0 : limit.Length.TotalMilliseconds / limit.Limit;
    private long? _lastAdmission;
    private long _fullSince;
    private long _lastTurn;

    public (RateLimit, string) Name => (limit, key);

    public RateLimiter Limiter => limiter;

    public SortedSet<ParkedMessage> Parked { get; } = new(ParkedMessage.InOrder);

    /// <summary>How many questions may be under way at once: more as long as there is room each time, since a question in vain is one for nothing.</summary>
    public int MostQuestions { get; private set; } = 2;

    /// <summary>How many answers of the limiter are awaited.</summary>
    public int Asking { get; set; }

    /// <summary>How many have room, and no worker yet.</summary>
    public int Unstarted { get; set; }

    /// <summary>Whether there was no room at the last answer, so that one question at a time is asked, and only when something speaks for it.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Whether the counter is watched, or about to be.</summary>
    public bool IsWatched { get; set; }

    /// <summary>Whether something spoke for a question while an answer was awaited.</summary>
    public bool AsksOnceMore { get; set; }

    /// <summary>When to ask even though nothing spoke for it, on the gate's clock.</summary>
    public long AskAt { get; set; } = long.MaxValue;

    /// <summary>When the last one of those that are away comes back, in milliseconds since the Unix epoch.</summary>
    public long LastReturn { get; private set; }

    public bool IsIdle(long nowMs) => Parked.Count == 0 && Asking == 0 && Unstarted == 0 && LastReturn <= nowMs;

    /// <summary>Somebody has room. The time since the last one tells how fast there is room only where this one had to wait for it.</summary>
    public void NoteAdmission(long now)
    {
        if (IsFull && _lastAdmission is { } last)
            _intervalMs = _intervalMs == 0 ? now - last : _intervalMs + (Weight * (now - last - _intervalMs));
        if (!IsFull)
            MostQuestions = Math.Min(2 * MostQuestions, UpperMostQuestions);
        _lastAdmission = now;
        IsFull = false;
        AskAt = long.MaxValue;
    }

    /// <summary>There was no room.</summary>
    public void NoteFull(long now)
    {
        if (!IsFull)
            _fullSince = now;
        IsFull = true;
        MostQuestions = 1;
    }

    /// <summary>Those that were parked at this time or before.</summary>
    public ParkedMessage[] ParkedSince(long at) => [.. Parked.Where(parked => parked.Since <= at)];

    /// <summary>When there is something to see to, on the gate's clock.</summary>
    public long NextAt(long now, long nowMs, long longestMs)
    {
        var next = AskAt;
        foreach (var parked in Parked)
            next = Math.Min(next, parked.Since + longestMs);
        return LastReturn > nowMs ? Math.Min(next, now + LastReturn - nowMs) : next;
    }

    /// <summary>
    /// When one that goes away now should come back: in the order in which they go, at the pace at which this lane has room. Who was away already, and came back to no room, stays away for about
    /// half as long again as it has waited in all, so that a long queue for little room costs each of them ever fewer trips.
    /// </summary>
    public long ReturnOf(ParkedMessage message, long now, long nowMs, TimeSpan least, TimeSpan most)
    {
        var pace = Math.Clamp((long)((_intervalMs > 0 ? _intervalMs : now - _fullSince) * Haste), 1, (long)most.TotalMilliseconds);
        long turn;
        if (message.WasAway)
        {
            var away = Math.Max(pace * (Parked.Count + 1), (long)((nowMs - message.Place) * Haste));
            turn = nowMs + Math.Clamp(away, (long)least.TotalMilliseconds, (long)most.TotalMilliseconds) + message.EarlyBy;
        }
        else
            turn = _lastTurn = Math.Min(Math.Max(nowMs + (long)least.TotalMilliseconds, _lastTurn + pace), nowMs + (long)most.TotalMilliseconds);

        LastReturn = Math.Max(LastReturn, turn);
        return turn;
    }
}
