using Akka.Event;
using Dramatiq.Akka.Brokers.RabbitMq.Publishing;
using Dramatiq.Akka.Brokers.RabbitMq.Streams;
using Dramatiq.Akka.Brokers.RabbitMq.Topology;

namespace Dramatiq.Akka.Brokers.RabbitMq.Consuming;

/// <summary>
/// Stores dead letters in <c>q.XQ</c>, and tries again for as long as the consumer takes messages: their deliveries are kept unacked meanwhile, and what else is in hand goes on.
/// A queue that somebody deleted is declared anew.
/// </summary>
internal sealed class DeadLetters(string queue, AmqpSubscription subscription, Publisher publisher, QueueDeclarer declarer, RabbitMqSettings settings, ILoggingAdapter log, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly string _dead = QueueName.Dead(queue);

    /// <summary>Completes when RabbitMQ has confirmed all of them.</summary>
    /// <param name="letters">What is to be stored.</param>
    /// <param name="stored">Told of each once it is safe.</param>
    /// <exception cref="BrokerConnectionException">The consumer ended first, or is to end and waits for nothing else.</exception>
    public async Task StoreAsync(Settlement[] letters, Func<Settlement, ValueTask> stored)
    {
        var began = time.GetTimestamp();
        var left = letters.Select(static letter => new Letter(letter)).ToList();
        using var givenUp = new CancellationTokenSource();
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            var storing = TryStoreAsync(left, stored, isFirst: pause == FirstPause, givenUp.Token);
            if (!await EndsInTimeAsync(storing, left.Count, began).ConfigureAwait(false))
            {
                await givenUp.CancelAsync().ConfigureAwait(false);   // what is not written yet is another consumer's now
                throw new BrokerConnectionException($"the consumer ended before {left.Count} dead letters were stored in {_dead}; they are delivered again.");
            }

            if (await storing.ConfigureAwait(false) is not { } problem)
                return;

            log.Warning("Queue {0}: {1} dead letters could not be stored in {2}; their deliveries are kept, and it is tried again in {3:0} s: {4}",
                queue, left.Count, _dead, pause.TotalSeconds, problem.Message);
            await EndsInTimeAsync(Task.Delay(pause, time), left.Count, began).ConfigureAwait(false);
        }
    }

    /// <returns>False when the consumer is over before, or is to end and has had time enough.</returns>
    private async Task<bool> EndsInTimeAsync(Task task, int left, long began)
    {
        while (await Task.WhenAny(task, subscription.Completion, Task.Delay(FirstPause, time)).ConfigureAwait(false) is var first && first != task)
        {
            var isLast = subscription.InHand <= left || time.GetElapsedTime(began) > settings.BlockedTimeout;
            if (subscription.Completion.IsCompleted || (subscription.IsStopped && isLast))
                return false;
        }

        return true;
    }

    /// <summary>Takes those that are stored off the list. All at once at first; then one by one, so that one which RabbitMQ does not take keeps no other from it.</summary>
    /// <returns>What keeps the others from it; null when all are stored.</returns>
    private async Task<Exception?> TryStoreAsync(List<Letter> left, Func<Settlement, ValueTask> stored, bool isFirst, CancellationToken cancellationToken)
    {
        Exception? problem = null;
        var steps = isFirst ? [[.. left]] : left.Select(static letter => new[] { letter }).ToArray();
        foreach (var step in steps)
        {
            cancellationToken.ThrowIfCancellationRequested();
            problem = await TryStoreAsync(step, left, stored, cancellationToken).ConfigureAwait(false) ?? problem;
        }

        return problem;
    }

    private async Task<Exception?> TryStoreAsync(Letter[] step, List<Letter> left, Func<Settlement, ValueTask> stored, CancellationToken cancellationToken)
    {
        try
        {
            var publications = Array.ConvertAll(step, letter => new AmqpPublication("", _dead, letter.Body));
            var failures = await publisher.PublishAsync(publications, cancellationToken).ConfigureAwait(false) ?? new Exception?[step.Length];
            for (var i = 0; i < step.Length; i++)
            {
                if (failures[i] is not null)
                    continue;
                left.Remove(step[i]);
                await stored(step[i].Settlement).ConfigureAwait(false);
            }

            if (Array.Exists(failures, static failure => failure is AmqpRefusedException { IsUnroutable: true }))
            {
                declarer.Lost(queue);
                await declarer.DeclareAsync(queue, cancellationToken).ConfigureAwait(false);
            }

            return Array.Find(failures, static failure => failure is not null);
        }
        catch (Exception error) when (error is not (ObjectDisposedException or AmqpEndedException))
        {
            // RabbitMQ closes the channel over a message that is too large for it. As it came it was not: its error is what made it so.
            if (step.Length == 1 && error.InnerException is AmqpEndedException { End.Kind: AmqpEndKind.ChannelClosed })
                step[0].Body = step[0].Settlement.Delivery.Body;
            return error;
        }
    }

    private sealed class Letter(Settlement settlement)
    {
        public Settlement Settlement { get; } = settlement;

        public ReadOnlyMemory<byte> Body { get; set; } = settlement.DeadBody.IsEmpty ? settlement.Delivery.Body : settlement.DeadBody;
    }
}
