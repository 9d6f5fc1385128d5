using System.Text;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Inspection;

/// <summary>Reads bodies for people: a line of a list, or all of it.</summary>
internal static class MessageReading
{
    private const int ExcerptLength = 200;

    public static MessageSummary Summary(PeekedMessage peeked)
    {
        try
        {
            return Summary(Message.Decode(peeked.Body), peeked.Key, peeked.Body.Length, peeked.Since);
        }
        catch (DecodeException error)
        {
            var beginning = Encoding.UTF8.GetString(peeked.Body.Span[..Math.Min(peeked.Body.Length, 4 * ExcerptLength)]);
            return new MessageSummary(peeked.Key, null, null, Cut(beginning)!, null, null, 0, peeked.Since, Cut("it is no message: " + error.Message), peeked.Body.Length);
        }
    }

    /// <param name="message">The message.</param>
    /// <param name="key">What to name it by.</param>
    /// <param name="bytes">The size of its body.</param>
    /// <param name="since">When it died, where the broker knows.</param>
    public static MessageSummary Summary(Message message, string key, int bytes, DateTimeOffset? since)
    {
        var death = Death.Of(message);
        var isDead = since is not null || message.Options.Contains(OptionNames.DeadLetter);
        return new MessageSummary(
            key,
            message.MessageId,
            message.ActorName,
            ArgumentsOf(message),
            UnixTime.From(message.MessageTimestamp),
            message.Options.TryGetDouble(OptionNames.Eta, out var eta) ? UnixTime.From(eta) : null,
            RetriesOf(message),
            isDead ? since ?? death.At : null,
            Cut(death.Reason ?? death.ErrorMessage),
            bytes);
    }

    public static MessageDetail Detail(string queue, MessagePlace place, PeekedMessage peeked, WorkerReport? worker = null)
    {
        var summary = Summary(peeked);
        if (MessageIds.TryDecode(peeked.Body) is not { } message)
            return new MessageDetail(queue, place, summary, null, null, new Dictionary<string, string>(), 0, null, null, null, worker, summary.Reason);

        var death = Death.Of(message);
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, raw) in message.Options)
            options[name] = Encoding.UTF8.GetString(raw.Span);
        return new MessageDetail(
            queue, place, summary, Text(message.Args), Text(message.Kwargs), options, AttemptsOf(message, death, place), death.ErrorType, death.ErrorMessage, death.Traceback, worker, null);
    }

    public static string? Cut(string? text) => text is null || text.Length <= ExcerptLength ? text
        : text[..(char.IsHighSurrogate(text[ExcerptLength - 2]) ? ExcerptLength - 2 : ExcerptLength - 1)] + "…";

    /// <summary>A message that waits was run once for each retry; a dead letter, or one in hand, once more.</summary>
    private static long AttemptsOf(Message message, Death death, MessagePlace place) =>
        death.Attempt ?? RetriesOf(message) + (place is MessagePlace.InHand || (place is MessagePlace.Dead && death.Traceback is not null) ? 1 : 0);

    private static long RetriesOf(Message message) => message.Options.TryGetInt64(OptionNames.Retries, out var retries) ? retries : 0;

    /// <summary>Not written in full first: the arguments may be megabytes.</summary>
    private static string ArgumentsOf(Message message)
    {
        var text = new StringBuilder(ExcerptLength);
        text.Append(Text(Inside(message.Args)));
        var kwargs = message.Kwargs.Length > 2 ? Text(Inside(message.Kwargs)) : "";
        if (text.Length > 0 && kwargs.Length > 0)
            text.Append(", ");
        return Cut(Plain.Text(text.Append(kwargs).ToString()))!;
    }

    private static ReadOnlyMemory<byte> Inside(ReadOnlyMemory<byte> json) => json.Length < 2 ? default : json[1..^1][..Math.Min(json.Length - 2, 8 * ExcerptLength)];

    private static string Text(ReadOnlyMemory<byte> json) => Encoding.UTF8.GetString(json.Span);
}
