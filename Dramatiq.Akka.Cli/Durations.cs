using System.Globalization;
using System.Text.RegularExpressions;

namespace Dramatiq.Akka.Cli;

/// <summary>Durations as people write them: <c>250ms</c>, <c>30s</c>, <c>1h30m</c>, <c>7d</c>.</summary>
internal static partial class Durations
{
    /// <returns>Null for what is none; a bare number is none, since nobody would agree on its unit.</returns>
    public static TimeSpan? Parse(string text)
    {
        var match = Shape().Match(text);
        if (!match.Success)
            return null;

        var ms = 0.0;
        for (var at = 0; at < match.Groups[1].Captures.Count; at++)
            ms += double.Parse(match.Groups[1].Captures[at].ValueSpan, CultureInfo.InvariantCulture) * MsOf(match.Groups[2].Captures[at].Value);
        return ms <= TimeSpan.MaxValue.TotalMilliseconds / 2 ? TimeSpan.FromMilliseconds(ms) : null;
    }

    /// <summary>The two largest units: <c>3d 4h</c>, <c>5m 2s</c>, <c>12s</c>, <c>340ms</c>.</summary>
    public static string Write(TimeSpan time) => time switch
    {
        { Ticks: < 0 } => "0s",
        { TotalDays: >= 1 } => Two(time.Days, "d", time.Hours, "h"),
        { TotalHours: >= 1 } => Two(time.Hours, "h", time.Minutes, "m"),
        { TotalMinutes: >= 1 } => Two(time.Minutes, "m", time.Seconds, "s"),
        { TotalSeconds: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Seconds}s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.Milliseconds}ms"),
    };

    private static string Two(int major, string unit, int minor, string minorUnit) =>
        minor == 0 ? string.Create(CultureInfo.InvariantCulture, $"{major}{unit}") : string.Create(CultureInfo.InvariantCulture, $"{major}{unit} {minor}{minorUnit}");

    private static double MsOf(string unit) => unit switch
    {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => 86_400_000,
    };

    [GeneratedRegex(@"\A(?:(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h|d)\s*)+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Shape();
}
