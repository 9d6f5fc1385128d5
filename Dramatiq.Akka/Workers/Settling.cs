using Akka.Event;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Workers;

/// <summary>Turns the last outcome of an attempt into what the broker is told, and says so in one line where an operator may care.</summary>
internal static class Settling
{
    public static Settlement Of(MessageContext context, Outcome outcome, ILoggingAdapter log, TimeProvider time)
    {
        var delivery = context.Delivery;
        switch (outcome)
        {
            case Outcome.Succeeded or Outcome.Retried:
                return Settlement.Ack(delivery);

            case Outcome.Skipped skipped:
                log.Info("{0} {1} on {2} was skipped: {3}", context.Actor.Name, context.Message.MessageId, context.Actor.Queue, skipped.Reason);
                return Settlement.Ack(delivery);

            case Outcome.Dead dead:
                var isExpected = dead.Error is { } error && ThrowsOption.Matches(context, error);
                log.Log(isExpected ? LogLevel.InfoLevel : LogLevel.ErrorLevel, isExpected ? null : dead.Error, "{0} {1} on {2} went to {3}: {4}",
                    context.Actor.Name, context.Message.MessageId, context.Actor.Queue, QueueName.Dead(context.Actor.Queue), dead.Reason);
                var letter = DeadLetterNote.Attach(context.Message, dead.Reason, dead.Error, context.Attempt, context.MaxAttempts, time);
                return Settlement.DeadLetter(delivery, letter.Encode(), dead.Error, dead.Reason);

            case Outcome.Returned returned:
                log.Warning("{0} {1} goes back to {2}, with no attempt spent: {3}", context.Actor.Name, context.Message.MessageId, context.Actor.Queue, returned.Reason);
                return returned.CountsAsDelivery ? Settlement.Requeue(delivery) : Settlement.Return(delivery);

            case Outcome.Failed failed:
                log.Error(failed.Error, "{0} {1} on {2} failed and counts as done, since no middleware decides about failures: {3}: {4}",
                    context.Actor.Name, context.Message.MessageId, context.Actor.Queue, failed.Error.GetType().Name, failed.Error.Message);
                return Settlement.Ack(delivery);

            default:
                throw new InvalidOperationException($"Outcome {outcome.GetType().Name} is not known.");
        }
    }
}
