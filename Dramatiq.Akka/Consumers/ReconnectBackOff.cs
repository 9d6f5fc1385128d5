using Akka.Event;
using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Timing;

namespace Dramatiq.Akka.Consumers;

/// <summary>How long a consumer waits before it connects anew: longer with each failure, with jitter, until a delivery comes.</summary>
internal sealed class ReconnectBackOff(ConsumerSettings settings, ActorTimer timer, Random random, ILoggingAdapter log)
{
    private int _failures;

    public void Start(Exception error)
    {
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
