using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka;

/// <summary>Which attempt an <c>on_failure</c> actor is told of. It is among the options of the message to that actor, where Python's Dramatiq passes it over; Python's own callbacks have none.</summary>
/// <param name="Number">1 for the first run, 2 for the first retry.</param>
/// <param name="MaxAttempts">How many attempts there may be; null for without end, or where something else decides.</param>
/// <param name="IsLast">Whether the message is given up: no further attempt follows.</param>
public sealed record FailedAttempt(int Number, int? MaxAttempts, bool IsLast)
{
    /// <summary>What the message in hand of an <c>on_failure</c> actor says; null for one of Python's, and where a stage of a middleware failed and Retries had yet to decide.</summary>
    /// <param name="callback">The message to that actor: <see cref="TaskActor.CurrentMessage"/>, or a delegate's <see cref="Stages.MessageContext.Message"/>.</param>
    public static FailedAttempt? Of(Message callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return callback.Options.TryGetRaw(OptionNames.FailedAttempt, out var json) ? WireJson.Default.Read<FailedAttempt>(json.Span) : null;
    }

    internal byte[] Write()
    {
        var writer = WireWriter.Rent();
        writer.WriteStartObject();
        writer.WriteName("number");
        writer.WriteNumber(Number);
        writer.WriteName("max_attempts");
        if (MaxAttempts is { } most)
            writer.WriteNumber(most);
        else
            writer.WriteNull();
        writer.WriteName("is_last");
        writer.WriteBoolean(IsLast);
        writer.WriteEndObject();
        var json = writer.ToArray();
        writer.Return();
        return json;
    }
}
