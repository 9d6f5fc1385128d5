using Dramatiq.Akka.Brokers.RabbitMq.Publishing;
using Dramatiq.Akka.Brokers.RabbitMq.Streams;
using RabbitMQ.Client;

namespace Dramatiq.Akka.Brokers.RabbitMq.Consuming;

/// <summary>
/// Puts redelivered messages back into their queue as copies with the count of deliveries in a header, and acks the originals. A process that dies of such a message then leaves it counted.
/// What comes meanwhile waits until RabbitMQ has forgotten the originals: a copy that killed the process before would leave two of it.
/// </summary>
internal sealed class PutBack(string queue, AmqpSubscription subscription, Publisher publisher)
{
    private readonly Lock _gate = new();
    private readonly List<Delivery> _keptBack = [];
    private int _underWay;

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

    public async Task RunAsync(ulong tag, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, int deliveries)
    {
        lock (_gate)
            _underWay++;
        try
        {
            var headers = new Dictionary<string, object?>(StringComparer.Ordinal) { [RabbitMqConsumer.CountHeader] = deliveries };
            byte? priority = properties.IsPriorityPresent() ? properties.Priority : null;
            await publisher.PublishAsync(new AmqpPublication("", queue, body, priority, headers), CancellationToken.None).ConfigureAwait(false);
            subscription.Finish(tag);
            await SendOnIfLastAsync().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // The original is still the server's: it comes again with the next consumer.
            await subscription.EndAsync(new AmqpEnd(AmqpEndKind.ConnectionLost, 0, $"a redelivered message could not be put back with its count: {error.Message}")).ConfigureAwait(false);
        }
    }

    private async Task SendOnIfLastAsync()
    {
        lock (_gate)
        {
            if (_underWay > 1)
            {
                _underWay--;
                return;
            }
        }

        await subscription.SettledAtServerAsync().ConfigureAwait(false);
        Delivery[] released;
        lock (_gate)
        {
            if (--_underWay > 0)
                return;
            released = [.. _keptBack];
            _keptBack.Clear();
        }

        foreach (var delivery in released)
            Late(delivery);
    }
}
