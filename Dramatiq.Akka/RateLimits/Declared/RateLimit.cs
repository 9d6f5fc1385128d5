using System.Globalization;
using System.Text.RegularExpressions;
using Dramatiq.Akka.Actors;

namespace Dramatiq.Akka;

/// <summary>
/// A limit that an actor is declared with: <c>o.RateLimit(RateLimit.Concurrent("reports", 2))</c>. A message that finds no room is parked until there is some: no attempt is spent, and others on
/// the queue go on. Actors with the same key share one limit.
/// </summary>
public sealed partial record RateLimit
{
    private const string Forms = "concurrent(KEY, LIMIT), bucket(KEY, LIMIT, TIME) or window(KEY, LIMIT, TIME), and perhaps: per ARGUMENT";

    private RateLimit(RateLimitKind kind, string key, int limit, TimeSpan length)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        Kind = kind;
        Key = key;
        Limit = limit;
        Length = length;
    }

    /// <summary>What is limited: the key at the store, or what it starts with.</summary>
    public string Key { get; }

    /// <summary>How much is allowed.</summary>
    public int Limit { get; }

    /// <summary>The argument that each value of has a limit of its own; null for one limit for all.</summary>
    public string? Argument { get; private init; }

    internal RateLimitKind Kind { get; }

    /// <summary>Of a bucket or a window.</summary>
    internal TimeSpan Length { get; }

    /// <summary>So many at the same time. See <see cref="RateLimits.ConcurrentRateLimiter"/>.</summary>
    public static RateLimit Concurrent(string key, int limit = 1) => new(RateLimitKind.Concurrent, key, limit, default);

    /// <summary>So many in each bucket of time. See <see cref="RateLimits.BucketRateLimiter"/>.</summary>
    /// <param name="key">What is limited.</param>
    /// <param name="limit">How many.</param>
    /// <param name="bucket">How long a bucket lasts, in whole milliseconds.</param>
    public static RateLimit Bucket(string key, int limit, TimeSpan bucket)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bucket, TimeSpan.FromMilliseconds(1));
        return new(RateLimitKind.Bucket, key, limit, bucket);
    }

    /// <summary>So many in the last seconds. See <see cref="RateLimits.WindowRateLimiter"/>.</summary>
    /// <param name="key">What is limited.</param>
    /// <param name="limit">How many.</param>
    /// <param name="seconds">How many seconds: 1 to 3600.</param>
    public static RateLimit Window(string key, int limit, int seconds)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(seconds, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(seconds, RateLimits.WindowRateLimiter.MostSeconds);
        return new(RateLimitKind.Window, key, limit, TimeSpan.FromSeconds(seconds));
    }

    /// <summary>Reads the text form, which HOCON and <see cref="TaskAttribute.RateLimit"/> use: <c>concurrent(reports, 2) per tenant</c>, <c>bucket(mails, 100, 1s)</c>, <c>window(api, 600, 60s)</c>.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static RateLimit Parse(string text)
    {
        var match = Form().Match(text);
        if (!match.Success || !int.TryParse(match.Groups["limit"].ValueSpan, CultureInfo.InvariantCulture, out var limit) || limit < 1)
            throw Bad(text);

        var time = match.Groups["time"];
        var length = TimeSpan.Zero;
        if (time.Success && !DurationText.TryParse(time.Value, out length))
            throw Bad(text);

        var key = match.Groups["key"].Value;
        var seconds = length.TotalSeconds;
        var parsed = match.Groups["kind"].Value switch
        {
            "concurrent" when !time.Success => Concurrent(key, limit),
            "bucket" when length >= TimeSpan.FromMilliseconds(1) => Bucket(key, limit, length),
            "window" when seconds is >= 1 and <= RateLimits.WindowRateLimiter.MostSeconds && double.IsInteger(seconds) => Window(key, limit, (int)seconds),
            _ => throw Bad(text),
        };
        return match.Groups["argument"] is { Success: true, Value: var argument } ? parsed.PerArgument(argument) : parsed;
    }

    /// <summary>Has a limit of its own for each value of an argument: one for each tenant, say.</summary>
    /// <param name="name">The argument's name, as in C# or on the wire. The value becomes part of the key: text as it is, anything else as JSON.</param>
    public RateLimit PerArgument(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return this with { Argument = Actors.Binding.SnakeCase.From(name) };
    }

    /// <summary>The text form.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Kind.ToString().ToLowerInvariant()}({Key}, {Limit}{(Kind is RateLimitKind.Concurrent ? "" : $", {Length.TotalMilliseconds:0}ms")}){(Argument is null ? "" : " per " + Argument)}");

    private static FormatException Bad(string text) => new($"'{text}' is no rate limit. Its form is {Forms}.");

    [GeneratedRegex(@"^\s*(?<kind>concurrent|bucket|window)\s*\(\s*(?<key>[^,()]*[^,()\s])\s*,\s*(?<limit>\d+)\s*(,\s*(?<time>[^,()]+))?\)\s*(per\s+(?<argument>\w+)\s*)?$")]
    private static partial Regex Form();
}

/// <summary>How a limit counts.</summary>
internal enum RateLimitKind
{
    /// <summary>What runs now.</summary>
    Concurrent,

    /// <summary>What began in the current bucket.</summary>
    Bucket,

    /// <summary>What began in the last seconds.</summary>
    Window,
}
