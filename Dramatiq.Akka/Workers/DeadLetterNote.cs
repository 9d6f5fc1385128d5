using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Workers;

/// <summary>
/// What a dead letter says of itself: the option <c>dead_letter</c> with the reason, the error's type and message, attempt n of m, and when;
/// the stack is in <c>traceback</c>, where Python's Dramatiq puts it and its dashboard shows it.
/// </summary>
internal static class DeadLetterNote
{
    public static Message Attach(Message message, string reason, Exception? error, int? attempt, int? maxAttempts, TimeProvider time)
    {
        var note = new WireWriter();
        note.WriteRaw("{\"reason\":"u8);
        note.WriteString(reason);
        if (error is not null)
        {
            note.WriteRaw(",\"type\":"u8);
            note.WriteString(error.GetType().Name);
            note.WriteRaw(",\"message\":"u8);
            note.WriteString(error.Message);
        }

        if (attempt is { } n)
        {
            note.WriteRaw(",\"attempt\":"u8);
            note.WriteInt64(n);
            note.WriteRaw(",\"max_attempts\":"u8);
            if (maxAttempts is { } m)
                note.WriteInt64(m);
            else
                note.WriteRaw("null"u8);
        }

        note.WriteRaw(",\"at\":"u8);
        note.WriteInt64(time.GetUtcNow().ToUnixTimeMilliseconds());
        note.WriteRaw("}"u8);

        var options = message.Options.WithRaw(OptionNames.DeadLetter, note.ToArray());
        if (error is not null)
            options = options.With(OptionNames.Traceback, Traceback.Of(error));
        return message.With(options: options);
    }
}
