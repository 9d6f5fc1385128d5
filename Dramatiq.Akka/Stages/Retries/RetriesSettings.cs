using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Stages;

/// <summary>What Retries knows of one actor; a message may say otherwise.</summary>
/// <param name="MaxRetries">How often to try again; null for without end.</param>
/// <param name="MinBackoffMs">The wait before the first retry, in milliseconds, without jitter.</param>
/// <param name="MaxBackoffMs">The longest wait, in milliseconds.</param>
/// <param name="When">Asked in place of the count, when it is there.</param>
/// <param name="OnExhausted">The actor that is told when no retry is left.</param>
internal sealed record RetriesSettings(int? MaxRetries, double MinBackoffMs, double MaxBackoffMs, Func<int, Exception, bool>? When, string? OnExhausted)
{
    /// <summary>Dramatiq's hard limit: whatever is asked for, no retry waits longer.</summary>
    public const double LongestBackoffMs = 7 * 86_400_000d;

    public static RetriesSettings Of(DeclaredActor actor, RetriesSettings defaults) => new(
        actor.Option(OptionNames.MaxRetries, defaults.MaxRetries),
        actor.Option<double?>(OptionNames.MinBackoff, null) ?? defaults.MinBackoffMs,
        Math.Min(actor.Option<double?>(OptionNames.MaxBackoff, null) ?? defaults.MaxBackoffMs, LongestBackoffMs),
        actor.Option("retry_when", defaults.When),
        actor.Option(OptionNames.OnRetryExhausted, defaults.OnExhausted));

    /// <summary>With what the message says: presence counts, so a null <c>max_retries</c> means without end.</summary>
    public RetriesSettings For(Messages.MessageOptions options)
    {
        if (options.Count == 0)
            return this;

        var settings = this;
        if (options.Contains(OptionNames.MaxRetries))
            settings = settings with { MaxRetries = options.TryGetInt64(OptionNames.MaxRetries, out var retries) ? (int)Math.Clamp(retries, 0, int.MaxValue - 1) : null };
        if (options.TryGetDouble(OptionNames.MinBackoff, out var min) && min >= 0)
            settings = settings with { MinBackoffMs = min };
        if (options.TryGetDouble(OptionNames.MaxBackoff, out var max) && max >= 0)
            settings = settings with { MaxBackoffMs = Math.Min(max, LongestBackoffMs) };
        if (options.TryGetString(OptionNames.OnRetryExhausted, out var actor) && actor.Length > 0)
            settings = settings with { OnExhausted = actor };
        return settings;
    }
}
