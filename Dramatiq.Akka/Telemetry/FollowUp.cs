using System.Diagnostics;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Telemetry;

/// <summary>A message that follows from another one: a retry, a callback, the next step of a pipeline. It stays in the trace of that one.</summary>
internal static class FollowUp
{
    /// <summary>Starts the span of its enqueueing, as a part of the attempt that it follows from.</summary>
    /// <param name="context">The attempt.</param>
    /// <param name="message">What follows; replaced by one that says what it is part of.</param>
    /// <returns>The span; null where nobody listens. Whoever answers for the message ends it.</returns>
    public static Activity? Trace(MessageContext context, ref Message message)
    {
        if (context.Span is not { } attempt)
        {
            // Nobody listens here; those before and after may be heard elsewhere.
            if (!ReferenceEquals(context.Message, message) && TraceParent.IsIn(context.Message.Options))
                message = message.With(options: TraceParent.Copy(context.Message.Options, message.Options));
            return null;
        }

        var span = Tracing.StartEnqueue(message.QueueName, message.ActorName, attempt.Context);
        message = message.With(options: TraceParent.Write(message.Options, span ?? attempt));
        return span;
    }
}
