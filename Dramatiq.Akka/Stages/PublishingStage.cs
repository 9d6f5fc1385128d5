using Dramatiq.Akka.Enqueueing;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Telemetry;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Stages;

/// <summary>A stage that publishes what follows from an outcome, and lets the outcome pass only when that is safe at the broker.</summary>
/// <param name="services">Those of its middleware.</param>
public abstract class PublishingStage(MiddlewareServices services) : Stage
{
    private Waiting? _waiting;

    /// <summary>What the stage may need from the system.</summary>
    protected MiddlewareServices Services => services;

    /// <summary>Publishes, and then passes the outcome. What cannot be published sends the delivery back to its queue.</summary>
    /// <param name="context">The message in hand.</param>
    /// <param name="outcome">The outcome to pass on.</param>
    /// <param name="message">What follows.</param>
    /// <param name="delay">How long it waits; null for now.</param>
    protected void PublishThenPass(MessageContext context, Outcome outcome, Message message, TimeSpan? delay)
    {
        _waiting = new Waiting(context, outcome);
        long? eta = delay is { } wait ? services.Time.GetUtcNow().ToUnixTimeMilliseconds() + (long)wait.TotalMilliseconds : null;
        var span = FollowUp.Trace(context, ref message);
        services.Gateway.Tell(new GatewayProtocol.Publish(message, eta, _waiting) { Span = span }, Self);
    }

    /// <inheritdoc />
    protected sealed override void OnMessage(object message)
    {
        switch (message)
        {
            case GatewayProtocol.Published { Correlation: Waiting waiting }:
                if (Takes(waiting))
                    Pass(waiting.Context, waiting.Outcome);
                break;
            case GatewayProtocol.PublishFailed { Correlation: Waiting waiting } failed:
                if (Takes(waiting))
                    Pass(waiting.Context, FailureOf.NotEnqueued(failed.Error));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <summary>Whether the answer is to the question last asked; one from before a restart of this stage is not.</summary>
    private bool Takes(Waiting waiting)
    {
        if (!ReferenceEquals(waiting, _waiting))
            return false;

        _waiting = null;
        return true;
    }

    private sealed record Waiting(MessageContext Context, Outcome Outcome);
}
