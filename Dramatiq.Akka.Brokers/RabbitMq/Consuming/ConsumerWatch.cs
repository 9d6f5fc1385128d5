using Akka.Event;
using Dramatiq.Akka.Brokers.RabbitMq.Streams;
using Dramatiq.Akka.Brokers.RabbitMq.Topology;
using RabbitMQ.Client;

namespace Dramatiq.Akka.Brokers.RabbitMq.Consuming;

/// <summary>
/// Looks after one consumer from time to time. One that is alive and gets nothing, though its queue holds messages and it has credit, is ended, so that another takes its place.
/// One of a delay queue is asked to make room for another before RabbitMQ takes its long-held deliveries for stuck.
/// </summary>
internal sealed class ConsumerWatch(RabbitMqConsumer consumer, QueueDeclarer declarer, RabbitMqSettings settings, ILoggingAdapter log, TimeProvider time)
{
    private long _received;
    private bool _isSuspect;

    public async Task RunAsync()
    {
        using var timer = new PeriodicTimer(settings.WatchdogInterval < settings.DelayLease ? settings.WatchdogInterval : settings.DelayLease, time);
        var ended = consumer.Subscription.Completion;
        while (true)
        {
            var tick = timer.WaitForNextTickAsync().AsTask();
            if (await Task.WhenAny(tick, ended).ConfigureAwait(false) == ended)
                return;

            try
            {
                await CheckAsync().ConfigureAwait(false);
            }
            catch (Exception error)   // whatever it was, there is a next look
            {
                log.Debug("Queue {0}: could not be looked after just now: {1}", consumer.Queue, error.Message);
            }
        }
    }

    /// <summary>One look. Two in a row must find the same for the consumer to be ended.</summary>
    internal async Task CheckAsync()
    {
        if (QueueName.IsDelay(consumer.Queue) && consumer.OldestArrival is { } oldest && TimeProvider.System.GetElapsedTime(oldest) >= settings.DelayLease)
        {
            consumer.EndLease();
            return;
        }

        var received = consumer.Received;
        var isQuiet = received == _received && consumer.Subscription.HasCredit;
        _received = received;
        var waiting = isQuiet ? await WaitingAsync().ConfigureAwait(false) : 0;
        if (waiting > 0 && _isSuspect)
            await EndAsync($"it was alive and got nothing, though {consumer.Queue} holds {waiting} messages").ConfigureAwait(false);
        _isSuspect = waiting > 0;
    }

    private async Task<uint> WaitingAsync()
    {
        var found = await declarer.OnChannelAsync(channel => channel.QueueDeclarePassiveAsync(consumer.Queue), CancellationToken.None).ConfigureAwait(false);
        return found.MessageCount;
    }

    private Task EndAsync(string reason) => consumer.Subscription.EndAsync(new AmqpEnd(AmqpEndKind.ConsumerCancelled, 0, reason));
}
