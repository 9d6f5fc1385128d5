namespace Dramatiq.Akka.Stages;

/// <summary>What is under <c>dramatiq.middleware.group-callbacks</c>.</summary>
/// <param name="BarrierTtl">How long the counters of a group live after the last change, and the results that are passed on.</param>
/// <param name="Timeout">How long to go on trying where a store is away, and to wait for results that are on their way.</param>
internal sealed record GroupCallbacksSettings(TimeSpan BarrierTtl, TimeSpan Timeout)
{
    /// <summary>A thousand years: what a TimeSpan and an eta can still hold.</summary>
    private const long LongestDelayMs = 1_000L * 366 * 86_400_000;

    /// <summary>The delay that a message brings along in its options, as the next step of a pipeline does; null for none.</summary>
    public static TimeSpan? DelayOf(Messages.MessageOptions options) =>
        options.TryGetInt64(Messages.OptionNames.Delay, out var milliseconds) && milliseconds > 0 ? TimeSpan.FromMilliseconds(Math.Min(milliseconds, LongestDelayMs)) : null;
}
