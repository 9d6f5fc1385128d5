using System.Globalization;

namespace Dramatiq.Akka.Actors;

/// <summary>Reads lengths of time as HOCON writes them: <c>250ms</c>, <c>15 s</c>, <c>10 minutes</c>, <c>7d</c>; a bare number is milliseconds.</summary>
internal static class DurationText
{
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var trimmed = text.AsSpan().Trim();
        var digits = 0;
        while (digits < trimmed.Length && (char.IsAsciiDigit(trimmed[digits]) || trimmed[digits] == '.'))
            digits++;

        if (!double.TryParse(trimmed[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            return false;

        double? unit = trimmed[digits..].Trim() switch
        {
            "" or "ms" or "milli" or "millis" or "millisecond" or "milliseconds" => 1,
            "s" or "second" or "seconds" => 1_000,
            "m" or "minute" or "minutes" => 60_000,
            "h" or "hour" or "hours" => 3_600_000,
            "d" or "day" or "days" => 86_400_000,
            _ => null,
        };
        if (unit is null || number * unit > TimeSpan.MaxValue.TotalMilliseconds)
            return false;

        duration = TimeSpan.FromMilliseconds(number * unit.Value);
        return true;
    }

    /// <summary>A length of time in words for logs and errors: <c>250 ms</c>, <c>15 s</c>, <c>10 min</c>, <c>7 d</c>, each with what remains.</summary>
    public static string Of(TimeSpan duration) => duration switch
    {
        _ when duration == Timeout.InfiniteTimeSpan => "no limit",
        { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:0.#} ms"),
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.#} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMinutes:0.#} min"),
        { TotalDays: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalHours:0.#} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalDays:0.#} d"),
    };
}
