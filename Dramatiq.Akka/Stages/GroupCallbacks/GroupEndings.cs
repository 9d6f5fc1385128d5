using Akka.Event;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Stages;

/// <summary>
/// Stands between whoever is done with a member of a group and the consumer: the member's end is counted, and what follows is safe at the broker, before the delivery is settled. It is sent a
/// <see cref="Expect"/>, and then the <see cref="QueueConsumer.Settled"/> that is meant for the consumer. One for each system.
/// </summary>
internal static class GroupEndings
{
    /// <summary>The delivery's settlement comes next.</summary>
    /// <param name="Delivery">Which.</param>
    /// <param name="End">What it means if it is an ack; a dead letter is a failure in any case.</param>
    /// <param name="Error">Why it failed, where a failure is acked: without Retries.</param>
    /// <param name="Consumer">Who is to be told in the end.</param>
    public sealed record Expect(Delivery Delivery, MemberEnd End, Exception? Error, IActorRef Consumer) : INoSerializationVerificationNeeded;

    /// <summary>The actor to itself: the end is counted, or cannot be.</summary>
    public sealed record Counted(IActorRef Consumer, QueueConsumer.Settled Settled, Exception? Error) : INoSerializationVerificationNeeded;

    public static Props Create(Groups groups, TimeProvider time) => Props.Create(() => new GroupEndingsActor(groups, time));
}

// Expect --> (the result is stored meanwhile) --> Settled --> counting --> Counted --> the consumer
internal sealed class GroupEndingsActor : ReceiveActor
{
    private readonly Groups _groups;
    private readonly TimeProvider _time;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<Delivery, GroupEndings.Expect> _expected = [];

    public GroupEndingsActor(Groups groups, TimeProvider time)
    {
        _groups = groups;
        _time = time;
        Receive<GroupEndings.Expect>(expect => _expected[expect.Delivery] = expect);
        Receive<QueueConsumer.Settled>(OnSettled);
        Receive<GroupEndings.Counted>(OnCounted);
    }

    private void OnSettled(QueueConsumer.Settled settled)
    {
        if (!_expected.Remove(settled.Settlement.Delivery, out var expected))
            return;

        var isDead = settled.Settlement.Kind is SettlementKind.DeadLetter;
        if (settled.Message is not { } message || (!isDead && settled.Settlement.Kind is not SettlementKind.Ack))
        {
            expected.Consumer.Tell(settled);   // it goes back to its queue
            return;
        }

        var consumer = expected.Consumer;
        var end = isDead ? MemberEnd.Failed : expected.End;
        var failure = end is MemberEnd.Failed ? FailureOf(message, expected.Error ?? settled.Settlement.Cause, settled.Settlement.Reason) : null;
        _groups.EndAsync(message, end, failure).PipeTo(Self,
            success: () => new GroupEndings.Counted(consumer, settled, null),
            failure: error => new GroupEndings.Counted(consumer, settled, error));
    }

    private void OnCounted(GroupEndings.Counted counted) => counted.Consumer.Tell(counted.Error is null ? counted.Settled : AfterError(counted.Settled, counted.Error));

    /// <summary>Whose group was away runs again. Whose group cannot be told is a dead letter, since another run would end the same way: its result stays as it is stored.</summary>
    private QueueConsumer.Settled AfterError(QueueConsumer.Settled settled, Exception error)
    {
        var message = settled.Message!;
        var delivery = settled.Settlement.Delivery;
        if (error is DecodeException)
        {
            _log.Error("{0} {1}: what it says of its group cannot be read, so its end is not counted: {2}", message.ActorName, message.MessageId, error.Message);
            return settled;
        }

        // Counting again changes nothing, and running the message again is what at-least-once allows.
        if (!IsRefusal(error) && (settled.Settlement.Kind is not SettlementKind.DeadLetter || IsAway(error)))
        {
            _log.Warning("{0} {1} goes back to its queue, since its group could not be told of its end: {2}", message.ActorName, message.MessageId, error.Message);
            return new QueueConsumer.Settled(IsAway(error) ? Settlement.Return(delivery) : Settlement.Requeue(delivery), message);
        }

        if (settled.Settlement.Kind is SettlementKind.DeadLetter)
        {
            _log.Error("{0} {1} is a dead letter, and its group cannot be told of it: {2}", message.ActorName, message.MessageId, error.Message);
            return settled;
        }

        var reason = "its group cannot be told of its end: " + error.Message;
        _log.Error("{0} {1} on {2} went to {3}: {4}", message.ActorName, message.MessageId, message.QueueName, QueueName.Dead(message.QueueName), reason);
        return new QueueConsumer.Settled(Settlement.DeadLetter(delivery, DeadLetterNote.Attach(message, reason, error, null, null, _time).Encode(), error, reason), message, settled.HasFailed);
    }

    private static bool IsRefusal(Exception error) => error is BrokerException { IsTransient: false } or EnqueueFailedException { IsRefusal: true };

    /// <summary>Nobody said no: a store or the broker did not answer.</summary>
    private static bool IsAway(Exception error) => error is BrokerException { IsTransient: true } or EnqueueFailedException { IsRefusal: false };

    private static GroupFailure FailureOf(Message message, Exception? error, string? reason) =>
        new(message.MessageId, message.ActorName, error?.GetType().Name ?? "Exception", error?.Message ?? reason ?? "it was given up");
}
