namespace Dramatiq.Akka.Inspection;

/// <summary>Keeps lives in this process: bounded in time and in number, the oldest going first.</summary>
/// <param name="ttl">How long a life is kept after its last step.</param>
/// <param name="time">The clock.</param>
/// <param name="most">How many lives are kept at the most.</param>
internal sealed class InMemoryLifeStore(TimeSpan ttl, TimeProvider time, int most = InMemoryLifeStore.MostLives) : ILifeStore
{
    private const int MostLives = 100_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Life> _lives = new(StringComparer.Ordinal);

    // Each touch of a life, oldest first; only the last one of each counts.
    private readonly Queue<(Life Life, long Touch)> _touches = new();
    private long _lastTouch;

    public ValueTask WriteAsync(IReadOnlyList<LifeStep> steps, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            foreach (var step in steps)
            {
                if (!_lives.TryGetValue(step.MessageId, out var life))
                    _lives.Add(step.MessageId, life = new Life(step.MessageId));
                life.Steps.Add(step);
                (life.TouchedAt, life.Touch) = (now, ++_lastTouch);
                _touches.Enqueue((life, _lastTouch));
            }

            DropOld(now);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<MessageLife?> FindAsync(string messageId, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            DropOld(time.GetTimestamp());
            return ValueTask.FromResult(_lives.TryGetValue(messageId, out var life) ? life.Steps.ToLife(messageId) : null);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void DropOld(long now)
    {
        while (_touches.TryPeek(out var oldest))
        {
            var isCurrent = oldest.Life.Touch == oldest.Touch;
            if (isCurrent && _lives.Count <= most && time.GetElapsedTime(oldest.Life.TouchedAt, now) < ttl)
                return;

            _touches.Dequeue();
            if (isCurrent)
                _lives.Remove(oldest.Life.MessageId);
        }
    }

    private sealed class Life(string messageId)
    {
        public string MessageId { get; } = messageId;

        public LifeSteps Steps { get; } = new();

        public long TouchedAt { get; set; }

        public long Touch { get; set; }
    }
}
