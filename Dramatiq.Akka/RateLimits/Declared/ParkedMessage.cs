using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.RateLimits;

/// <summary>A message that waits for room.</summary>
/// <param name="Work">What is to run.</param>
/// <param name="Place">When it first came, in milliseconds since the Unix epoch: it keeps its place when it has been away.</param>
/// <param name="Number">Its place among those of the same millisecond.</param>
/// <param name="Since">When it was parked, on the gate's clock.</param>
internal sealed record ParkedMessage(Work Work, long Place, long Number, long Since)
{
    /// <summary>The option that keeps the place of a message while it is away. Python's Dramatiq does not know it, and keeps it.</summary>
    public const string PlaceOption = "rate_limit_place";

    public static readonly IComparer<ParkedMessage> InOrder = Comparer<ParkedMessage>.Create(static (x, y) =>
        x.Place != y.Place ? x.Place.CompareTo(y.Place) : x.Number.CompareTo(y.Number));

    public bool WasAway => Work.Message.Options.Contains(PlaceOption);

    /// <summary>As it goes to a worker.</summary>
    public Work Admitted(RateLimitSlot slot) =>
        Work with { Slot = slot, Message = WasAway ? Work.Message.With(options: Work.Message.Options.Without(PlaceOption)) : Work.Message };

    /// <summary>As it goes away.</summary>
    public Message ToReturn() => WasAway ? Work.Message : Work.Message.With(options: Work.Message.Options.With(PlaceOption, Place));

    public static long PlaceOf(Work work, long now) => work.Message.Options.TryGetInt64(PlaceOption, out var place) ? Math.Min(place, now) : now;
}
