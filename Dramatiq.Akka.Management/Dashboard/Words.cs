using System.Globalization;

namespace Dramatiq.Akka.Management.Dashboard;

/// <summary>Numbers and times as people read them.</summary>
internal static class Words
{
    private const string Unknown = "–";

    /// <summary>With a thin space between thousands, so that columns of numbers can be compared at a glance.</summary>
    public static string Of(long? number) => number is { } known ? known.ToString("#,0", Grouped) : Unknown;

    /// <summary>A count with what it leaves out.</summary>
    public static Markup Of(Total total) => Markup.Of(html =>
    {
        var number = (total is { IsPartial: true, Number: not null } ? "≥ " : "") + Of(total.Number);
        html.Add(total.IsHere ? Markup.Of(one => one.Add($"<span>{number}<small title=\"In this process; the broker does not tell of others.\">here</small></span>")) : Markup.Of(one => one.Add($"{number}")));
    });

    public static string PerSecond(double rate) => rate switch
    {
        0 => "0",
        < 0.1 => "<0.1",
        < 100 => rate.ToString("0.0", CultureInfo.InvariantCulture),
        _ => rate.ToString("#,0", Grouped),
    };

    /// <summary>The two greatest units: <c>850 ms</c>, <c>12 s</c>, <c>3 min 20 s</c>, <c>5 h 12 min</c>, <c>2 d 3 h</c>.</summary>
    public static string Duration(TimeSpan time)
    {
        if (time < TimeSpan.Zero)
            time = TimeSpan.Zero;
        return time switch
        {
            { TotalSeconds: < 1 } => Text($"{(int)time.TotalMilliseconds} ms"),
            { TotalMinutes: < 1 } => Text($"{(int)time.TotalSeconds} s"),
            { TotalHours: < 1 } => Text($"{(int)time.TotalMinutes} min") + Rest(time.Seconds, "s"),
            { TotalDays: < 1 } => Text($"{(int)time.TotalHours} h") + Rest(time.Minutes, "min"),
            _ => Text($"{(int)time.TotalDays} d") + Rest(time.Hours, "h"),
        };
    }

    public static string Duration(long? milliseconds) => milliseconds is { } known ? Duration(TimeSpan.FromMilliseconds(known)) : Unknown;

    /// <summary>A time and how far off it is, the one to be precise and the other to be understood.</summary>
    public static Markup Time(DateTimeOffset? time, DateTimeOffset now)
    {
        if (time is not { } at)
            return new Markup(Unknown);

        var off = at - now;
        return Markup.Of(html => html.Add(
            $"<time datetime=\"{at.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)}\" title=\"{at.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture)}\">{(off > TimeSpan.Zero ? "in " + Duration(off) : Duration(-off) + " ago")}</time>"));
    }

    public static string Bytes(long bytes) => bytes switch
    {
        < 1_000 => Text($"{bytes} B"),
        < 1_000_000 => Text($"{bytes / 1_000.0:0.#} kB"),
        _ => Text($"{bytes / 1_000_000.0:0.#} MB"),
    };

    public static string Count(long number, string one, string many) => Of(number) + " " + (number == 1 ? one : many);

    private static string Rest(int number, string unit) => number == 0 ? "" : Text($" {number} {unit}");

    private static NumberFormatInfo Grouped { get; } = new() { NumberGroupSeparator = "\u202f" };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
