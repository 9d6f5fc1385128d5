using Akka.Event;
using Dramatiq.Akka.Brokers.RabbitMq.Inspection;
using Dramatiq.Akka.Brokers.RabbitMq.Publishing;
using Dramatiq.Akka.Brokers.RabbitMq.Streams;
using RabbitMQ.Client;

namespace Dramatiq.Akka.Brokers.RabbitMq.Consuming;

/// <summary>
/// Puts redelivered messages back into their queue as copies with the count of deliveries in a header, and acks the originals. A process that dies of such a message then leaves it counted.
/// One that was only looked at is no suspect, and is sent on. So is one whose copy RabbitMQ does not confirm soon, since it blocks publishers: its count is then known here alone,
/// and should the copy still arrive, it runs twice. What comes meanwhile waits until RabbitMQ has forgotten the originals: a copy that killed the process before would leave two of it.
/// </summary>
internal sealed class PutBack(
    string queue, AmqpSubscription subscription, Publisher publisher, DeliveryCounts counts, LookMailbox mailbox, RabbitMqSettings settings, ILoggingAdapter log, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly List<Delivery> _keptBack = [];
    private int _underWay;
    private bool _hasCopied;

    public Action<Delivery> Late { get; set; } = static _ => { };

    /// <summary>Whether the delivery waits here; it is then sent on later.</summary>
    public bool KeepsBack(Delivery delivery)
    {
        lock (_gate)
        {
            if (_underWay > 0)
                _keptBack.Add(delivery);
            return _underWay > 0;
        }
    }

    /// <param name="tag">What settles it.</param>
    /// <param name="properties">Its properties.</param>
    /// <param name="body">Its bytes.</param>
    /// <param name="known">How often it was delivered before this copy of it was published.</param>
    /// <param name="hold">Makes the delivery with its count, if it is no suspect.</param>
    public async Task RunAsync(ulong tag, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, int known, Func<int, Delivery> hold)
    {
        lock (_gate)
            _underWay++;
        try
        {
            await mailbox.ReadAsync().ConfigureAwait(false);
            if (counts.TryTake(body, known, out var count))
            {
                lock (_gate)
                    _keptBack.Add(hold(count));
            }
            else if (!await TryCopyAsync(tag, properties, body, known + 1).ConfigureAwait(false))
            {
                lock (_gate)
                    _keptBack.Add(hold(known + 2));
            }

            await SendOnIfLastAsync().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // The original is still the server's: it comes again with the next consumer.
            await subscription.EndAsync(new AmqpEnd(AmqpEndKind.ConnectionLost, 0, $"a redelivered message could not be put back with its count: {error.Message}")).ConfigureAwait(false);
        }
    }

    private async Task<bool> TryCopyAsync(ulong tag, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, int deliveries)
    {
        var headers = new Dictionary<string, object?>(StringComparer.Ordinal) { [RabbitMqConsumer.CountHeader] = deliveries };
        byte? priority = properties.IsPriorityPresent() ? properties.Priority : null;
        using var givenUp = new CancellationTokenSource();
        var copying = publisher.PublishAsync(new AmqpPublication("", queue, body, priority, headers), givenUp.Token);
        try
        {
            await Task.WhenAny(copying, Task.Delay(Patience, time)).ConfigureAwait(false);
            await copying.WaitAsync(publisher.IsBlocked ? TimeSpan.Zero : settings.ReplyTimeout, time).ConfigureAwait(false);
        }
        catch (Exception error) when (error is BrokerException or TimeoutException)
        {
            await givenUp.CancelAsync().ConfigureAwait(false);   // what is not written yet will not be
            _ = copying.ContinueWith(static late => late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            log.Warning("Queue {0}: a redelivered message could not be put back with its count of deliveries, and is handled as it is: {1}", queue, error.Message);
            return false;
        }

        lock (_gate)
            _hasCopied = true;
        subscription.Finish(tag);
        return true;
    }

    /// <summary>The last one sends on what waits. What was copied while it waited for RabbitMQ is waited for as well.</summary>
    private async Task SendOnIfLastAsync()
    {
        Delivery[] released;
        while (true)
        {
            lock (_gate)
            {
                if (_underWay > 1 || !_hasCopied)
                {
                    released = --_underWay > 0 ? [] : [.. _keptBack.OrderBy(static delivery => delivery.Tag)];
                    if (_underWay == 0)
                        _keptBack.Clear();
                    break;
                }

                _hasCopied = false;
            }

            await subscription.SettledAtServerAsync().ConfigureAwait(false);
        }

        foreach (var delivery in released)
            Late(delivery);
    }
}
