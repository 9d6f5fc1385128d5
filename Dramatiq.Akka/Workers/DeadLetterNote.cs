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
        note.WriteStartObject();
        note.WriteName("reason");
        note.WriteString(reason);
        if (error is not null)
        {
            note.WriteName("type");
            note.WriteString(error.GetType().Name);
            note.WriteName("message");
            note.WriteString(error.Message);
        }

        if (attempt is { } n)
        {
            note.WriteName("attempt");
            note.WriteNumber(n);
            note.WriteName("max_attempts");
            if (maxAttempts is { } m)
                note.WriteNumber(m);
            else
                note.WriteNull();
        }

        note.WriteName("at");
        note.WriteNumber(time.GetUtcNow().ToUnixTimeMilliseconds());
        note.WriteEndObject();

        var options = message.Options.WithRaw(OptionNames.DeadLetter, note.ToArray());
        if (error is not null)
            options = options.With(OptionNames.Traceback, Traceback.Of(error));
        return message.With(options: options);
    }
}
