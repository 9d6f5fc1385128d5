using Akka.Event;
using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Timing;

namespace Dramatiq.Akka.Enqueueing;

/// <summary>The gateway's one timer: it ticks while anything waits, and after a failure not before the back-off is over.</summary>
internal sealed class GatewayTicks(GatewaySettings settings, ActorTimer timer, Random random, ILoggingAdapter log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private bool _isStarted;
    private int _failures;

    /// <summary>Whether nothing is to be published until the next tick.</summary>
    public bool IsBackingOff { get; private set; }

    public static bool IsTransient(Exception error) => error is BrokerException { IsTransient: true } or TimeoutException or OperationCanceledException or System.IO.IOException;

    public void Start()
    {
        if (_isStarted)
            return;

        _isStarted = true;
        timer.Start(Interval);
    }

    public void BackOff(int messages, Exception error)
    {
        if (IsBackingOff)
            return;   // several calls fail together when a connection does

        IsBackingOff = true;
        var wait = TimeSpan.FromMilliseconds(Math.Min(settings.RetryMin.TotalMilliseconds * Math.Pow(2, Math.Min(_failures++, 20)), settings.RetryMax.TotalMilliseconds) * (0.5 + random.NextDouble() / 2));
        log.Warning("Publishing of {0} messages failed and is tried again in {1}: {2}", messages, DurationText.Of(wait), error.Message);
        _isStarted = true;
        timer.Start(wait);
    }

    /// <summary>The broker answers: the next failure is the first again.</summary>
    public void OnSuccess() => _failures = 0;

    public void OnTick()
    {
        _isStarted = false;
        IsBackingOff = false;
    }
}
