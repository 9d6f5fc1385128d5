using Dramatiq.Akka.Brokers.RabbitMq.Streams;
using RabbitMQ.Client;

namespace Dramatiq.Akka.Brokers.RabbitMq.Consuming;

/// <summary>One consumer of <c>q</c> or <c>q.DQ</c>: counts deliveries on their way in, and settles them.</summary>
internal sealed class RabbitMqConsumer : ILeasesDeliveries, IAmqpReceiver<Delivery>
{
    /// <summary>How often a message had been delivered before this copy of it was published.</summary>
    public const string CountHeader = "x-dramatiq-deliveries";
    private const string QuorumCountHeader = "x-delivery-count";

    private readonly string _queue;
    private readonly bool _isDelayQueue;
    private readonly bool _countsRedeliveries;
    private readonly AmqpSubscription _subscription;
    private readonly DeadLetters _deadLetters;
    private readonly DeliveryCounts _counts;
    private readonly HeldDeliveries _held = new();
    private readonly PutBack _putBack;
    private readonly TaskCompletionSource _leaseOver = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _received;

    public RabbitMqConsumer(string queue, bool countsRedeliveries, AmqpSubscription subscription, DeadLetters deadLetters, DeliveryCounts counts, PutBack putBack)
    {
        _queue = queue;
        _isDelayQueue = QueueName.IsDelay(queue);
        _countsRedeliveries = countsRedeliveries;
        _subscription = subscription;
        _deadLetters = deadLetters;
        _counts = counts;
        _putBack = putBack;
        subscription.Ending = Remember;
    }

    public string Queue => _queue;

    public Task LeaseOver => _leaseOver.Task;

    public Action<Delivery> Late
    {
        set => _putBack.Late = value;
    }

    public AmqpSubscription Subscription => _subscription;

    /// <summary>How many deliveries have come.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>How many deliveries are unsettled.</summary>
    public int HeldCount => _held.Count;

    /// <summary>When the oldest unsettled delivery came, as a timestamp; null when there is none.</summary>
    public long? OldestArrival => _held.OldestArrival();

    public bool TryReceive(ulong tag, bool redelivered, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, out Delivery element)
    {
        Interlocked.Increment(ref _received);
        var count = 1;
        if (!_isDelayQueue)
        {
            var known = KnownCount(properties, out var isCounted);
            count = known + 1;
            if (redelivered && !_counts.TryTake(body, known, out count))
            {
                count = isCounted ? known + 1 : known + 2;
                if (_countsRedeliveries)
                {
                    element = null!;
                    PutBackUnlessLookedAt(tag, properties, body, known);
                    return false;
                }
            }
        }

        element = Hold(tag, body, count);
        return !_putBack.KeepsBack(element);
    }

    public ValueTask SettleAsync(IReadOnlyList<Settlement> settlements)
    {
        try
        {
            _subscription.ThrowIfEnded();
            var onlyAcks = true;
            for (var i = 0; i < settlements.Count; i++)
            {
                var settlement = settlements[i];
                if (settlement.Kind is SettlementKind.Ack)
                    Finish(settlement.Delivery);
                else
                    onlyAcks = false;
            }

            var going = _subscription.AcksMayGo();
            return onlyAcks && going.IsCompletedSuccessfully ? ValueTask.CompletedTask : SettleOthersAsync(going, settlements);
        }
        catch (AmqpEndedException error)
        {
            return ValueTask.FromException(Lost(error));
        }
    }

    public async ValueTask StopAsync()
    {
        try
        {
            await _subscription.StopAsync().ConfigureAwait(false);
        }
        catch (AmqpEndedException error)
        {
            throw Lost(error);
        }
    }

    /// <summary>What is held is to go back, and to be taken anew by another consumer.</summary>
    public void EndLease() => _leaseOver.TrySetResult();

    public ValueTask CloseAsync() => _subscription.CloseAsync();

    // Apart, as its closure would be made for each delivery otherwise.
    private void PutBackUnlessLookedAt(ulong tag, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, int known) =>
        _ = _putBack.RunAsync(tag, properties, body, known, count => Hold(tag, body, count));

    private Delivery Hold(ulong tag, ReadOnlyMemory<byte> body, int count)
    {
        var delivery = new Delivery(this, tag, body, count);
        _held.Add(delivery, TimeProvider.System.GetTimestamp());
        return delivery;
    }

    private void Finish(Delivery delivery)
    {
        if (ReferenceEquals(delivery.Consumer, this) && _subscription.Finish(delivery.Tag))
            _held.Remove(delivery.Tag);
    }

    private async ValueTask SettleOthersAsync(ValueTask acks, IReadOnlyList<Settlement> settlements)
    {
        try
        {
            await acks.ConfigureAwait(false);
            await BuryAsync([.. settlements.Where(IsHeld(SettlementKind.DeadLetter))]).ConfigureAwait(false);
            await GiveBackAsync([.. settlements.Where(one => one.Kind is SettlementKind.Requeue or SettlementKind.Return && Holds(one.Delivery))]).ConfigureAwait(false);
        }
        catch (AmqpEndedException error)
        {
            throw Lost(error);
        }
    }

    /// <summary>A dead letter is confirmed in its queue before its delivery is acked: a crash between the two leaves two of it, never none.</summary>
    private async ValueTask BuryAsync(Settlement[] letters)
    {
        if (letters.Length == 0)
            return;

        await _deadLetters.StoreAsync(letters, letter =>
        {
            Finish(letter.Delivery);
            return _subscription.AcksMayGo();
        }).ConfigureAwait(false);
    }

    private async ValueTask GiveBackAsync(Settlement[] settlements)
    {
        if (settlements.Length == 0)
            return;

        foreach (var settlement in settlements)
        {
            _held.Remove(settlement.Delivery.Tag);
            if (!_isDelayQueue)
                _counts.Expect(settlement.Delivery.Body, settlement.Delivery.DeliveryCount + (settlement.Kind is SettlementKind.Requeue ? 1 : 0));
        }

        await _subscription.NackAsync([.. settlements.Select(static one => one.Delivery.Tag)], requeue: true).ConfigureAwait(false);
    }

    /// <summary>What was in hand when the connection went is not to blame for that, and comes back with the same count; what we gave up ourselves counts.</summary>
    private void Remember(AmqpEnd end)
    {
        var held = _held.TakeAll();
        if (_isDelayQueue)
            return;

        foreach (var delivery in held)
            _counts.Expect(delivery.Body, delivery.DeliveryCount + (end.Kind is AmqpEndKind.Closed ? 1 : 0));
    }

    // A quorum queue counts what was only looked at too, which nobody could tell from a delivery: its count serves where ours is off.
    private int KnownCount(IReadOnlyBasicProperties properties, out bool isCounted)
    {
        isCounted = false;
        if (!properties.IsHeadersPresent() || properties.Headers is not { Count: > 0 } headers)
            return 0;

        if (!_countsRedeliveries && headers.TryGetValue(QuorumCountHeader, out var quorum) && Number(quorum) is { } returns)
        {
            isCounted = true;
            return returns;
        }

        return headers.TryGetValue(CountHeader, out var own) ? Number(own) ?? 0 : 0;
    }

    private static int? Number(object? value) => value switch
    {
        int number => Math.Max(0, number),
        long number => (int)Math.Clamp(number, 0, int.MaxValue - 2),
        byte or sbyte or short or ushort or uint => Math.Max(0, Convert.ToInt32(value, System.Globalization.CultureInfo.InvariantCulture)),
        _ => null,
    };

    private Func<Settlement, bool> IsHeld(SettlementKind kind) => settlement => settlement.Kind == kind && Holds(settlement.Delivery);

    private bool Holds(Delivery delivery) => ReferenceEquals(delivery.Consumer, this) && _subscription.Holds(delivery.Tag);

    private static BrokerConnectionException Lost(AmqpEndedException error) =>
        new($"the consumer is gone, and RabbitMQ delivers again what it was not told about: {error.End}.", error);
}
