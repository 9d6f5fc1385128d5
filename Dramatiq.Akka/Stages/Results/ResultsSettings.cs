using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Stages;

/// <summary>What Results knows of one actor; a message may say otherwise.</summary>
/// <param name="Stores">Whether its results are stored.</param>
/// <param name="Ttl">How long one is kept; infinite for ever.</param>
internal sealed record ResultsSettings(bool Stores, TimeSpan Ttl)
{
    private static readonly double LongestMs = TimeSpan.FromDays(36_500).TotalMilliseconds;

    public static ResultsSettings Of(DeclaredActor actor, ResultsSettings defaults) => new(
        actor.Option(OptionNames.StoreResults, defaults.Stores),
        actor.Option<double?>(OptionNames.ResultTtl, null) is { } ttl ? FromMs(ttl) : defaults.Ttl);

    public static TimeSpan FromMs(double ms) => ms > LongestMs ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(ms);
}
