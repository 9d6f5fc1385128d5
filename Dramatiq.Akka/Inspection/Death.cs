using System.Text.Json;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Inspection;

/// <summary>What a message says of its last failure: in the note of a dead letter, or in the traceback that a retry brings along.</summary>
internal readonly record struct Death(string? Reason, string? ErrorType, string? ErrorMessage, string? Traceback, DateTimeOffset? At, long? Attempt)
{
    public static Death Of(Message message)
    {
        var traceback = message.Options.TryGetRaw(OptionNames.Traceback, out var raw) ? TextOf(raw) : null;
        var at = message.Options.TryGetDouble(OptionNames.RequeueTimestamp, out var ms) ? UnixTime.From(ms) : null;
        if (!message.Options.TryGetRaw(OptionNames.DeadLetter, out var note))
            return new Death(null, null, LastLineOf(traceback), traceback, at, null);

        try
        {
            using var json = JsonDocument.Parse(note);
            if (json.RootElement.ValueKind is not JsonValueKind.Object)
                return new Death(null, null, LastLineOf(traceback), traceback, at, null);

            return new Death(
                Text(json, "reason"), Text(json, "type"), Text(json, "message"), traceback,
                Number(json, "at") is { } died ? UnixTime.From(died) : at, Number(json, "attempt") is { } attempt ? (long)attempt : null);
        }
        catch (JsonException)
        {
            return new Death(null, null, LastLineOf(traceback), traceback, at, null);   // somebody else's note
        }
    }

    public bool Mentions(string text) => Has(Reason, text) || Has(ErrorType, text) || Has(ErrorMessage, text);

    private static bool Has(string? part, string text) => part?.Contains(text, StringComparison.OrdinalIgnoreCase) == true;

    private static string? Text(JsonDocument json, string name) =>
        json.RootElement.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static double? Number(JsonDocument json, string name) =>
        json.RootElement.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var number) ? number : null;

    private static string? TextOf(ReadOnlyMemory<byte> json) =>
        json.Length >= 2 && json.Span[0] is (byte)'"' ? WireStrings.Decode(json.Span[1..^1]) : null;

    /// <summary>Where Python's Dramatiq puts the type and the text of the error; .NET puts them first.</summary>
    private static string? LastLineOf(string? traceback) =>
        traceback?.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is { Length: > 0 } lines
            ? lines[0].StartsWith("Traceback", StringComparison.Ordinal) ? lines[^1] : lines[0]
            : null;
}
