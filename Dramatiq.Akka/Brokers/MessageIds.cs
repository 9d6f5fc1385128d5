using System.Text;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Brokers;

/// <summary>The ids that an order names, which are keys or message ids, and whether a message is among them.</summary>
internal sealed class MessageIds(IReadOnlyCollection<string> ids)
{
    /// <summary>With more, reading each message costs less than searching its bytes for each id.</summary>
    private const int MostSearched = 8;

    private readonly HashSet<string> _ids = ids.ToHashSet(StringComparer.Ordinal);
    private readonly byte[][]? _searched = ids.Count <= MostSearched && ids.All(IsPlain) ? [.. ids.Select(Encoding.ASCII.GetBytes)] : null;

    public int Count => _ids.Count;

    public bool Has(string key, ReadOnlyMemory<byte> body) => _ids.Contains(key) || (MayHold(body.Span) && IdOf(body) is { } id && _ids.Contains(id));

    /// <summary>The message's id; null for a body that is no message.</summary>
    public static string? IdOf(ReadOnlyMemory<byte> body) => TryDecode(body)?.MessageId;

    /// <summary>When the message was made; null for a body that is no message.</summary>
    public static DateTimeOffset? MadeAt(ReadOnlyMemory<byte> body) => TryDecode(body) is { } message ? UnixTime.From(message.MessageTimestamp) : null;

    public static Message? TryDecode(ReadOnlyMemory<byte> body)
    {
        try
        {
            return Message.Decode(body);
        }
        catch (DecodeException)
        {
            return null;
        }
    }

    /// <summary>As new: without what earlier attempts and its death left behind.</summary>
    public static Message Revived(Message message, string queue) => message.With(queueName: queue, options: message.Options.Without(
        OptionNames.Retries, OptionNames.Traceback, OptionNames.RequeueTimestamp, OptionNames.Eta, OptionNames.DeadLetter));

    private bool MayHold(ReadOnlySpan<byte> body)
    {
        if (_searched is null)
            return true;

        foreach (var id in _searched)
            if (body.IndexOf(id) >= 0)
                return true;
        return false;
    }

    // JSON writes these as they are; anything else might be escaped in the body.
    private static bool IsPlain(string id) => id.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':');
}
