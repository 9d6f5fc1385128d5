using Dramatiq.Akka.Timing;

namespace Dramatiq.Akka.RateLimits;

/// <summary>The clock of one gate, and its timer for the earliest of all that will be due.</summary>
internal sealed class GateClock(TimeProvider time, IActorRef gate) : IDisposable
{
    private readonly ActorTimer _timer = new(time, gate, RateLimitGate.Tick.Instance);
    private readonly long _start = time.GetTimestamp();
    private long _at = long.MaxValue;

    /// <summary>Milliseconds since the start, which no change of the wall clock disturbs.</summary>
    public long Now => (long)time.GetElapsedTime(_start).TotalMilliseconds;

    /// <summary>Milliseconds since the Unix epoch.</summary>
    public long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Ticks then, or earlier.</summary>
    public void Schedule(long at)
    {
        if (at >= _at)
            return;

        _at = at;
        var now = Now;
        _timer.Start(TimeSpan.FromMilliseconds(Math.Max(0, at - now)));
        if (now < at && Now >= at)
            gate.Tell(RateLimitGate.Tick.Instance, ActorRefs.NoSender);   // the clock has jumped between the two readings
    }

    /// <summary>The timer has fired; what is still to come is scheduled anew.</summary>
    public void Ticked() => _at = long.MaxValue;

    public void Dispose() => _timer.Dispose();
}
