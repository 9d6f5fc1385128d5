namespace Dramatiq.Akka.Timing;

/// <summary>
/// A timer of one actor on the injected <see cref="TimeProvider"/>, so that one virtual clock moves etas, limits and back-offs alike (Akka's own
/// timers follow the system's scheduler, which a test would have to replace as a whole). It fires by telling the actor a message.
/// </summary>
internal sealed class ActorTimer : IDisposable
{
    /// <summary>Timers of the platform take no more than 49 days. The owner sees an early message, finds nothing due, and starts anew.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private readonly ITimer _timer;

    public ActorTimer(TimeProvider time, IActorRef owner, object message) =>
        _timer = time.CreateTimer(static state =>
        {
            var (owner, message) = ((IActorRef, object))state!;
            owner.Tell(message, ActorRefs.NoSender);
        }, (owner, message), Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Fires once, after this time or a day, whichever is less. Takes the place of an earlier start.</summary>
    public void Start(TimeSpan after) =>
        _timer.Change(after < TimeSpan.Zero ? TimeSpan.Zero : after > Longest ? Longest : after, Timeout.InfiniteTimeSpan);

    public void Stop() => _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public void Dispose() => _timer.Dispose();
}
