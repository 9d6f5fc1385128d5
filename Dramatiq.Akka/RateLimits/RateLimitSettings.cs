using Dramatiq.Akka.Hosting;

namespace Dramatiq.Akka.RateLimits;

/// <summary>What is under <c>dramatiq.rate-limits</c>.</summary>
/// <param name="Lease">How long a slot lasts without being renewed.</param>
/// <param name="Parked">How many messages may wait in memory for each queue; null for the prefetch less the workers.</param>
/// <param name="GiveBackMin">The shortest time that one beyond them is away.</param>
/// <param name="GiveBackMax">The longest.</param>
/// <param name="ParkedFor">How long one waits in memory at the most.</param>
/// <param name="AskAgain">How often a limit is asked at the least.</param>
internal sealed record RateLimitSettings(TimeSpan Lease, int? Parked, TimeSpan GiveBackMin, TimeSpan GiveBackMax, TimeSpan ParkedFor, TimeSpan AskAgain)
{
    public static RateLimitSettings From(ConfigurationReader reader)
    {
        var giveBackMin = reader.Duration("rate-limits.give-back-min", TimeSpan.FromMilliseconds(1));
        return new RateLimitSettings(
            reader.Duration("rate-limits.lease", TimeSpan.FromMilliseconds(100)),
            reader.WholeOr("rate-limits.parked", 1, "auto"),
            giveBackMin,
            reader.Duration("rate-limits.give-back-max", giveBackMin),
            reader.Duration("rate-limits.parked-for", TimeSpan.FromSeconds(1)),
            reader.Duration("rate-limits.ask-again", TimeSpan.FromMilliseconds(1)));
    }
}
