using Akka.Event;
using Dramatiq.Akka.Management.Security;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Management.Live;

/// <summary>What the signals mean to somebody who watches.</summary>
internal static class MessageEvents
{
    public static MessageEvent? Of(Signals.ISignal signal, DateTimeOffset at) => signal switch
    {
        Signals.AfterAck done => Of(at, "done", done.Message, null),
        Signals.AfterNack dead => Of(at, "dead", dead.Message, dead.Reason),
        Signals.AfterSkipMessage skipped => Of(at, "skipped", skipped.Message, skipped.Reason),
        Signals.BeforeDelayMessage delayed => Of(at, "delayed", delayed.Message, null),
        Signals.HandlerAbandoned abandoned => Of(at, "abandoned", abandoned.Message, null),
        _ => null,
    };

    private static MessageEvent Of(DateTimeOffset at, string happening, Message? message, string? reason) =>
        new(at, happening, message?.MessageId, message?.ActorName, message?.QueueName, Redaction.Of(reason));
}

/// <summary>Lines of the log, as somebody elsewhere may see them.</summary>
internal static class LogLines
{
    public static LogLineEvent? Of(LogEvent line) => line.LogLevel() switch
    {
        LogLevel.InfoLevel => Of(line, "info"),
        LogLevel.WarningLevel => Of(line, "warning"),
        LogLevel.ErrorLevel => Of(line, "error"),
        _ => null,
    };

    private static LogLineEvent Of(LogEvent line, string level) => new(
        new DateTimeOffset(line.Timestamp.ToUniversalTime()), level, line.LogSource, Redaction.OfBroker(line.Message?.ToString())!,
        line.Cause is { } error ? Redaction.OfBroker($"{error.GetType().Name}: {error.Message}") : null);
}
