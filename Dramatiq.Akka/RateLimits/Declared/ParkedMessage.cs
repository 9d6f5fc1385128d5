using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.RateLimits;

/// <summary>A message that waits for room.</summary>
/// <param name="Work">What is to run.</param>
/// <param name="Place">When it first came, in milliseconds since the Unix epoch: it keeps its place when it has been away.</param>
/// <param name="Number">Its place among those of the same millisecond.</param>
/// <param name="Since">When it was parked, on the gate's clock.</param>
/// <param name="EarlyBy">By how many milliseconds it came back too early: at least that much the broker's clock is ahead of this process's.</param>
internal sealed record ParkedMessage(Work Work, long Place, long Number, long Since, long EarlyBy)
{
    /// <summary>The option that keeps the place of a message while it is away. Python's Dramatiq does not know it, and keeps it.</summary>
    public const string PlaceOption = "rate_limit_place";

    /// <summary>The option that keeps when it was told to come back.</summary>
    public const string BackOption = "rate_limit_back";

    public static readonly IComparer<ParkedMessage> InOrder = Comparer<ParkedMessage>.Create(static (x, y) =>
        x.Place != y.Place ? x.Place.CompareTo(y.Place) : x.Number.CompareTo(y.Number));

    public bool WasAway => Work.Message.Options.Contains(PlaceOption);

    /// <summary>As it goes to a worker.</summary>
    /// <param name="slot">The room that it has.</param>
    /// <param name="gate">Who wants to know when it has a worker.</param>
    public Work Admitted(RateLimitSlot slot, IActorRef gate) => Work with
    {
        Slot = slot,
        Gate = gate,
        Message = WasAway ? Work.Message.With(options: Work.Message.Options.Without(PlaceOption).Without(BackOption)) : Work.Message,
    };

    /// <summary>As it goes away.</summary>
    public Message ToReturn(long eta) => Work.Message.With(options: Work.Message.Options.With(PlaceOption, Place).With(BackOption, eta));

    public static ParkedMessage Of(Work work, long number, long now, long nowMs, TimeSpan mostEarly)
    {
        var options = work.Message.Options;
        var place = options.TryGetInt64(PlaceOption, out var first) ? Math.Min(first, nowMs) : nowMs;
        var early = options.TryGetInt64(BackOption, out var back) ? Math.Clamp(back - nowMs, 0, (long)mostEarly.TotalMilliseconds) : 0;
        return new ParkedMessage(work, place, number, now, early);
    }
}
