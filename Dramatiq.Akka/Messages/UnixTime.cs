namespace Dramatiq.Akka.Messages;

/// <summary>Times as they are on the wire: milliseconds since the Unix epoch, which anybody may have written.</summary>
internal static class UnixTime
{
    private static readonly long Least = DateTimeOffset.MinValue.ToUnixTimeMilliseconds();
    private static readonly long Most = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>Null where it is no time that a calendar has.</summary>
    public static DateTimeOffset? From(double ms) => ms >= Least && ms <= Most ? DateTimeOffset.FromUnixTimeMilliseconds((long)ms) : null;
}
