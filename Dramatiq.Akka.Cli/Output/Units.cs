using System.Globalization;

namespace Dramatiq.Akka.Cli.Output;

/// <summary>Numbers and times as they are read.</summary>
internal static class Units
{
    /// <summary>What is not known.</summary>
    public const string Unknown = "-";

    public static string Count(long? count) => count is { } known ? known.ToString("#,0", CultureInfo.InvariantCulture) : Unknown;

    /// <summary>The sum of those that are known; there may be more where others are not.</summary>
    public static string Sum(IReadOnlyCollection<long?> counts)
    {
        var known = counts.OfType<long>().ToList();
        return known.Count == 0 && counts.Count > 0 ? Unknown : (known.Count < counts.Count ? "≥" : "") + Count(known.Sum());
    }

    public static string Rate(double perSecond) => perSecond switch
    {
        0 => "0",
        < 10 => perSecond.ToString("0.0", CultureInfo.InvariantCulture),
        _ => perSecond.ToString("#,0", CultureInfo.InvariantCulture),
    };

    public static string Duration(long? ms) => ms is { } known ? Durations.Write(TimeSpan.FromMilliseconds(known)) : Unknown;

    /// <summary>How long ago: <c>5m 2s ago</c>.</summary>
    public static string Ago(DateTimeOffset? at, DateTimeOffset now) => at is { } known ? Durations.Write(now - known) + " ago" : Unknown;

    /// <summary>How long until: <c>in 5m 2s</c>, or <c>due</c>.</summary>
    public static string In(DateTimeOffset? at, DateTimeOffset now) => at is not { } known ? Unknown : known <= now ? "due" : "in " + Durations.Write(known - now);

    public static string Time(DateTimeOffset? at) => at is { } known ? known.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) : Unknown;

    public static string Bytes(long bytes) => bytes switch
    {
        < 10_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 10_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1000} kB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000_000} MB"),
    };

    /// <summary>One or many: <c>1 message</c>, <c>2 messages</c>.</summary>
    public static string Many(long count, string one, string? many = null) => $"{Count(count)} {(count == 1 ? one : many ?? one + "s")}";
}
