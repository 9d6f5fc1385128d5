using System.Diagnostics;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Telemetry;

/// <summary>W3C trace context in a message's options, under the names of the HTTP headers: Python's Dramatiq does not know them, and keeps them.</summary>
internal static class TraceParent
{
    /// <summary>What the message is part of; default where it does not say, or says it wrongly.</summary>
    public static ActivityContext Read(MessageOptions options) =>
        Text(options, OptionNames.TraceParent) is { } parent && ActivityContext.TryParse(parent, Text(options, OptionNames.TraceState), isRemote: true, out var context) ? context : default;

    public static bool IsIn(MessageOptions options) => options.Contains(OptionNames.TraceParent);

    /// <summary>The options with the span that the message is part of. A span whose id is not W3C's is passed over.</summary>
    public static MessageOptions Write(MessageOptions options, Activity span)
    {
        if (span.IdFormat is not ActivityIdFormat.W3C || span.Id is not { } id)
            return options;

        options = options.With(OptionNames.TraceParent, id);
        return span.TraceStateString is { Length: > 0 } state ? options.With(OptionNames.TraceState, state) : options.Without(OptionNames.TraceState);
    }

    /// <summary>The options with the trace context of another message, unless they have their own.</summary>
    public static MessageOptions Copy(MessageOptions from, MessageOptions to)
    {
        if (IsIn(to) || !from.TryGetRaw(OptionNames.TraceParent, out var parent))
            return to;

        to = to.WithRaw(OptionNames.TraceParent, parent);
        return from.TryGetRaw(OptionNames.TraceState, out var state) ? to.WithRaw(OptionNames.TraceState, state) : to;
    }

    // Not by TryGetString, which keeps what it has read for the next message that says the same.
    private static string? Text(MessageOptions options, string name) =>
        options.TryGetRaw(name, out var raw) && raw.Length >= 2 && raw.Span[0] == (byte)'"' ? WireStrings.Decode(raw.Span[1..^1]) : null;
}
