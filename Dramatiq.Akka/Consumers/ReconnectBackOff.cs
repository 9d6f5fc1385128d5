using Akka.Event;
using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Timing;

namespace Dramatiq.Akka.Consumers;

/// <summary>How long a consumer waits before it connects anew: longer with each failure, with jitter, until a delivery comes.</summary>
internal sealed class ReconnectBackOff(ConsumerSettings settings, ActorTimer timer, Random random, TimeProvider time, ILoggingAdapter log)
{
    private int _failures;

    /// <summary>Why it waits, or waited the last time; null when it never did.</summary>
    public string? LastProblem { get; private set; }

    public DateTimeOffset? LastProblemAt { get; private set; }

    public void Start(Exception error)
    {
        LastProblem = error.Message;
        LastProblemAt = time.GetUtcNow();
        var wait = settings.ReconnectMin * Math.Pow(2, Math.Min(_failures++, 20));
        if (wait > settings.ReconnectMax)
            wait = settings.ReconnectMax;
        wait *= 0.5 + random.NextDouble() / 2;
        log.Warning("Queue {0}: not consuming: {1} Connecting again in {2}.", settings.Queue, error.Message, DurationText.Of(wait));
        timer.Start(wait);
    }

    public void Stop() => timer.Stop();

    public void OnDelivered() => _failures = 0;
}
