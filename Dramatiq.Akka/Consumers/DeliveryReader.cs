using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Consumers;

/// <summary>Reads a delivery, and decides where it goes: to a worker, to the delay buffer, or to the dead-letter queue with a reason.</summary>
internal sealed class DeliveryReader(string queue, int maxDeliveries, Declarations declarations, TimeProvider time)
{
    private readonly bool _isDelayQueue = QueueName.IsDelay(queue);

    /// <summary>One of: <see cref="Work"/>, <see cref="DelayBuffer.Hold"/>, <see cref="Refused"/>.</summary>
    public object Read(Delivery delivery)
    {
        Message message;
        try
        {
            message = Message.Decode(delivery.Body, time);
        }
        catch (DecodeException error)
        {
            // Stored as it came: a note could not be put into what is no message.
            return new Refused(Settlement.DeadLetter(delivery, default, error, "it is no message: " + error.Message), null, null,
                $"a body of {delivery.Body.Length} bytes on {queue} went to {QueueName.Dead(queue)}, since it is no message: {error.Message}");
        }

        if (message.Options.Contains(OptionNames.Eta))
        {
            if (!message.Options.IsNull(OptionNames.Eta))
                return new DelayBuffer.Hold(delivery, message, EtaOf(message));
            message = message.With(options: message.Options.Without(OptionNames.Eta));
        }

        if (_isDelayQueue)
            return new DelayBuffer.Hold(delivery, message, time.GetUtcNow().ToUnixTimeMilliseconds());

        // Not asked of what waits for its eta: no worker has seen it, however often the process was started anew meanwhile.
        if (delivery.DeliveryCount > maxDeliveries)
            return Refuse(delivery, message, Known(message), $"it was handed to a worker {delivery.DeliveryCount - 1} times without coming to an end (max-deliveries is {maxDeliveries}); it seems to bring its worker down", null);

        if (!declarations.TryGet(message.ActorName, out var actor) || !actor.HasHandler)
            return Refuse(delivery, message, actor, $"no actor '{message.ActorName}' is declared to run here (known: {declarations.KnownNames})", new UnknownActorException(message.ActorName, declarations.KnownNames));

        return new Work(delivery, message, actor);
    }

    /// <summary>An eta that is no number counts as now, as in Dramatiq.</summary>
    private long EtaOf(Message message) =>
        message.Options.TryGetDouble(OptionNames.Eta, out var eta) && !double.IsNaN(eta)
            ? (long)Math.Clamp(eta, 0, long.MaxValue / 2d)
            : time.GetUtcNow().ToUnixTimeMilliseconds();

    private DeclaredActor? Known(Message message) => declarations.TryGet(message.ActorName, out var actor) ? actor : null;

    private Refused Refuse(Delivery delivery, Message message, DeclaredActor? actor, string reason, Exception? cause)
    {
        var letter = DeadLetterNote.Attach(message, reason, cause, null, null, time);
        return new Refused(Settlement.DeadLetter(delivery, letter.Encode(), cause, reason), message, actor,
            $"{message.ActorName} {message.MessageId} on {queue} went to {QueueName.Dead(queue)}: {reason}");
    }

    /// <summary>A delivery that no worker will see.</summary>
    public sealed record Refused(Settlement Settlement, Message? Message, DeclaredActor? Actor, string LogLine);
}
