using Akka.Event;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Enqueueing;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Timing;

namespace Dramatiq.Akka.Consumers;

// Holding --eta--> Publishing --Published--> acked ; Publishing --PublishFailed--> Holding
internal sealed class DelayBufferActor : ReceiveActor
{
    /// <summary>How long a due message waits after the broker refused it.</summary>
    private const long TryAgainMs = 1_000;

    /// <summary>The longest wait at once: an eta may be further away than a TimeSpan reaches.</summary>
    private const long LongestWaitMs = 86_400_000;

    private readonly IActorRef _gateway;
    private readonly TimeProvider _time;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ActorTimer _timer;
    private readonly PriorityQueue<DelayBuffer.Hold, (long Eta, long Arrival)> _held = new();
    private long _arrivals;

    // Whether what cannot be published now goes back to its queue: after a hand-back, until the next message comes.
    private bool _isStopped;

    public DelayBufferActor(IActorRef gateway, TimeProvider time)
    {
        _gateway = gateway;
        _time = time;
        _timer = new ActorTimer(time, Self, Due.Instance);

        Receive<DelayBuffer.Hold>(OnHold);
        Receive<Due>(_ => PublishDue());
        Receive<GatewayProtocol.Published>(OnPublished);
        Receive<GatewayProtocol.PublishFailed>(OnPublishFailed);
        Receive<DelayBuffer.HandBack>(_ => OnHandBack());
        Receive<DelayBuffer.ForgetAll>(OnForgetAll);
        Receive<DelayBuffer.TakeOut>(OnTakeOut);
    }

    protected override void PostStop() => _timer.Dispose();

    private void OnHold(DelayBuffer.Hold hold)
    {
        _isStopped = false;
        Keep(hold, hold.Eta);
        PublishDue();
    }

    private void Keep(DelayBuffer.Hold hold, long eta) => _held.Enqueue(hold, (eta, _arrivals++));

    private void PublishDue()
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        while (_held.TryPeek(out var hold, out var place))
        {
            if (place.Eta > now)
            {
                // A clock that jumps (a test's, or one set right) between the reading and the start would leave the timer late: read again.
                _timer.Start(TimeSpan.FromMilliseconds(Math.Min(place.Eta - now, LongestWaitMs)));
                var again = _time.GetUtcNow().ToUnixTimeMilliseconds();
                if (again == now)
                    return;
                now = again;
                continue;
            }

            _held.Dequeue();
            var message = hold.Message.With(
                queueName: QueueName.Canonical(hold.Message.QueueName),
                options: hold.Message.Options.Without(OptionNames.Eta));
            _gateway.Tell(new GatewayProtocol.Publish(message, null, hold), Self);
        }

        _timer.Stop();
    }

    private void OnPublished(GatewayProtocol.Published published)
    {
        var hold = (DelayBuffer.Hold)published.Correlation;
        Context.Parent.Tell(new QueueConsumer.Settled(Settlement.Ack(hold.Delivery), hold.Message));
    }

    private void OnPublishFailed(GatewayProtocol.PublishFailed failed)
    {
        var hold = (DelayBuffer.Hold)failed.Correlation;
        if (failed.Error.IsRefusal)
        {
            GiveUp(hold, failed.Error);
            return;
        }

        if (_isStopped)
        {
            Context.Parent.Tell(new QueueConsumer.Settled(Settlement.Return(hold.Delivery), hold.Message));
            return;
        }

        _log.Error("{0} {1} is due and could not be enqueued; it is kept and tried again in a second: {2}", hold.Message.ActorName, hold.Message.MessageId, failed.Error.Message);
        Keep(hold, _time.GetUtcNow().ToUnixTimeMilliseconds() + TryAgainMs);
        PublishDue();
    }

    /// <summary>It was refused, and would be again each second, for ever.</summary>
    private void GiveUp(DelayBuffer.Hold hold, EnqueueFailedException error)
    {
        var message = hold.Message.With(queueName: QueueName.Canonical(hold.Message.QueueName), options: hold.Message.Options.Without(OptionNames.Eta));
        var reason = "it was due and could not be enqueued: " + error.Message;
        _log.Error("{0} {1} went to {2}: {3}", message.ActorName, message.MessageId, QueueName.Dead(message.QueueName), reason);
        var letter = Workers.DeadLetterNote.Attach(message, reason, error, null, null, _time);
        Context.Parent.Tell(new QueueConsumer.Settled(Settlement.DeadLetter(hold.Delivery, letter.Encode(), error, reason), message));
    }

    private void OnHandBack()
    {
        _isStopped = true;
        var holds = new List<DelayBuffer.Hold>(_held.Count);
        while (_held.TryDequeue(out var hold, out _))
            holds.Add(hold);
        _timer.Stop();
        Sender.Tell(new DelayBuffer.HandedBack(holds));
    }

    private void OnTakeOut(DelayBuffer.TakeOut order)
    {
        var all = _held.UnorderedItems.ToArray();
        var taken = 0;
        _held.Clear();
        foreach (var (hold, place) in all)
        {
            if (order.MessageIds?.Contains(hold.Message.MessageId) == false)
            {
                _held.Enqueue(hold, place);
                continue;
            }

            taken++;
            if (order.Publishes)
                _held.Enqueue(hold, (0, place.Arrival));
            else
                Context.Parent.Tell(new QueueConsumer.Settled(Settlement.Ack(hold.Delivery), hold.Message));
        }

        PublishDue();
        Sender.Tell(new DelayBuffer.TakenOut(taken));
    }

    private void OnForgetAll(DelayBuffer.ForgetAll forget)
    {
        var kept = _held.UnorderedItems.Where(item => !ReferenceEquals(item.Element.Delivery.Consumer, forget.Session.Broker)).ToArray();
        _held.Clear();
        foreach (var (hold, place) in kept)
            _held.Enqueue(hold, place);
        PublishDue();
    }

    private sealed class Due : INoSerializationVerificationNeeded
    {
        public static readonly Due Instance = new();
    }
}
