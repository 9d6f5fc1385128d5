using System.Diagnostics;
using Dramatiq.Akka.Enqueueing;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Telemetry;

/// <summary>
/// Spans by OpenTelemetry's conventions for messaging: one for each enqueueing, until the broker has confirmed it, and one for each attempt. A span begins on one thread and ends on
/// another, so none stays the current one of the thread that starts or ends it.
/// </summary>
internal static class Tracing
{
    private static readonly ActivitySource Source = new(DramatiqTelemetry.ActivitySourceName);

    /// <summary>Whether anybody listens.</summary>
    public static bool IsOn => Source.HasListeners();

    public static KeyValuePair<string, object?>[] TagsOf(string operation, string type, string queue, string actor) =>
    [
        new("messaging.system", "dramatiq"),
        new("messaging.operation.name", operation),
        new("messaging.operation.type", type),
        new("messaging.destination.name", queue),
        new("dramatiq.actor_name", actor),
    ];

    /// <summary>The span of an attempt: a child of the message's <c>traceparent</c>, or the first of a trace.</summary>
    public static Activity? StartProcess(MessageContext context)
    {
        var actor = context.Actor.Telemetry;
        var span = Start(actor.SpanName, ActivityKind.Consumer, TraceParent.Read(context.Message.Options), actor.SpanTags);
        span?.SetTag("messaging.message.id", context.Message.MessageId);
        span?.SetTag("dramatiq.attempt", context.Attempt);
        return span;
    }

    public static void EndProcess(Activity span, MessageContext context, Outcome outcome)
    {
        span.SetTag("dramatiq.outcome", NameOf(outcome));
        switch (outcome)
        {
            case Outcome.Returned returned:
                End(span, returned.Reason, null);
                break;
            case Outcome.Dead { Error: null } dead:
                End(span, dead.Reason, null);
                break;
            default:
                End(span, null, WorkerTelemetry.ErrorOf(outcome));
                break;
        }
    }

    /// <summary>The span of an enqueueing.</summary>
    /// <param name="queue">Where to.</param>
    /// <param name="actor">For whom.</param>
    /// <param name="parent">What it is part of; default for nothing.</param>
    public static Activity? StartEnqueue(string queue, string actor, ActivityContext parent) =>
        Start("enqueue " + queue, ActivityKind.Producer, parent, TagsOf("enqueue", "send", queue, actor));

    /// <summary>The broker has confirmed the message, or an error says that it was not enqueued.</summary>
    public static void EndEnqueue(EnqueueContext context, EnqueueFailedException? error)
    {
        if (context.Span is not { } span)
            return;

        span.SetTag("messaging.message.id", context.Message.MessageId);
        End(span, null, error);
    }

    /// <param name="span">What ends.</param>
    /// <param name="problem">Why it failed, where no exception says so.</param>
    /// <param name="error">Why it failed.</param>
    public static void End(Activity? span, string? problem, Exception? error)
    {
        if (span is null)
            return;

        if (error is not null)
        {
            span.SetTag("error.type", error.GetType().FullName);
            span.AddException(error);
        }

        if ((error?.Message ?? problem) is { } reason)
            span.SetStatus(ActivityStatusCode.Error, reason);
        var before = Activity.Current;
        span.Stop();
        Activity.Current = before;
    }

    private static Activity? Start(string name, ActivityKind kind, ActivityContext parent, KeyValuePair<string, object?>[] tags)
    {
        var before = Activity.Current;
        Activity.Current = null;   // or else it would be the parent of what has none
        var span = Source.StartActivity(kind, parent, tags, name: name);
        Activity.Current = before;
        return span;
    }

    private static string NameOf(Outcome outcome) => outcome switch
    {
        Outcome.Succeeded => "succeeded",
        Outcome.Retried => "retried",
        Outcome.Dead => "dead",
        Outcome.Skipped => "skipped",
        Outcome.Returned => "returned",
        _ => "failed",
    };
}
