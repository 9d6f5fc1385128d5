using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Stages;

/// <summary>Looks at a message's age before it runs.</summary>
internal sealed class AgeLimitStage(AgeLimit middleware, MiddlewareServices services) : Stage
{
    protected override void Before(MessageContext context)
    {
        var limit = middleware.MaxAgeMs(context);
        var age = services.Time.GetUtcNow().ToUnixTimeMilliseconds() - context.Message.MessageTimestamp;
        if (limit <= 0 || age < limit)
        {
            Pass(context);
            return;
        }

        var reason = $"message age limit exceeded: {DurationText.Of(TimeSpan.FromMilliseconds(age))} old, {DurationText.Of(TimeSpan.FromMilliseconds(limit))} allowed";
        Context.System.EventStream.Publish(new Signals.AfterSkipMessage(context.Message, reason));
        Pass(context, new Outcome.Dead(reason, null));
    }
}
