using RabbitMQ.Client;

namespace Dramatiq.Akka.Brokers.RabbitMq.Inspection;

/// <summary>A message that a look has come upon, and holds until it is put back.</summary>
/// <param name="Tag">What settles it.</param>
/// <param name="RoutingKey">What it was published with.</param>
/// <param name="Properties">Its properties.</param>
/// <param name="Body">Its bytes, in the client's buffer: good until the visit is over.</param>
internal readonly record struct LookedAt(ulong Tag, string RoutingKey, IReadOnlyBasicProperties Properties, ReadOnlyMemory<byte> Body)
{
    /// <summary>What it is known by: RabbitMQ has no name for a message in a queue. Two that are equal to the byte share it.</summary>
    public string Key => Consuming.DeliveryCounts.KeyOf(Body.Span).ToString("x32", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>When it died, if RabbitMQ itself moved it here, as it does with what a Python worker refuses.</summary>
    public DateTimeOffset? DiedAt =>
        Properties.Headers is { } headers && headers.TryGetValue("x-death", out var deaths) && deaths is IList<object?> { Count: > 0 } list
        && list[0] is IDictionary<string, object?> death && death.TryGetValue("time", out var time) && time is AmqpTimestamp at
            ? DateTimeOffset.FromUnixTimeSeconds(at.UnixTime)
            : null;

    /// <summary>As whoever asks sees it, as long as the visit lasts.</summary>
    public PeekedMessage Peeked => new(Key, Body, DiedAt);

    /// <summary>As whoever asks may keep it.</summary>
    public PeekedMessage Kept => new(Key, Body.ToArray(), DiedAt);

    public static bool IsKey(string id) => id.Length == 32 && id.All(char.IsAsciiHexDigitLower);
}
