using Akka.Event;
using Dramatiq.Akka.Brokers.RabbitMq.Publishing;
using Dramatiq.Akka.Brokers.RabbitMq.Streams;
using Dramatiq.Akka.Brokers.RabbitMq.Topology;

namespace Dramatiq.Akka.Brokers.RabbitMq.Consuming;

/// <summary>
/// Stores dead letters in <c>q.XQ</c>, and tries again for as long as the consumer lives: their deliveries are kept unacked meanwhile, and what else is in hand goes on.
/// A queue that somebody deleted is declared anew.
/// </summary>
internal sealed class DeadLetters(string queue, Publisher publisher, QueueDeclarer declarer, Task ended, ILoggingAdapter log, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly string _dead = QueueName.Dead(queue);

    /// <summary>Completes when RabbitMQ has confirmed all of them.</summary>
    /// <param name="letters">What is to be stored.</param>
    /// <param name="stored">Told of each once it is safe.</param>
    /// <exception cref="BrokerConnectionException">The consumer ended first.</exception>
    public async Task StoreAsync(Settlement[] letters, Action<Settlement> stored)
    {
        var left = new List<Settlement>(letters);
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            if (await TryStoreAsync(left, stored).ConfigureAwait(false) is not { } problem)
                return;

            log.Warning("Queue {0}: {1} dead letters could not be stored in {2}; their deliveries are kept, and it is tried again in {3:0} s: {4}",
                queue, left.Count, _dead, pause.TotalSeconds, problem.Message);
            await Task.WhenAny(ended, Task.Delay(pause, time)).ConfigureAwait(false);
            if (ended.IsCompleted)
                throw new BrokerConnectionException($"the consumer ended before {left.Count} dead letters were stored in {_dead}; they are delivered again.", problem);
        }
    }

    /// <summary>Takes those that are stored off the list.</summary>
    /// <returns>What keeps the others from it; null when all are stored.</returns>
    private async Task<Exception?> TryStoreAsync(List<Settlement> left, Action<Settlement> stored)
    {
        try
        {
            var letters = left.ToArray();
            var failures = await PublishAsync(letters).ConfigureAwait(false) ?? new Exception?[letters.Length];
            left.Clear();
            for (var i = 0; i < letters.Length; i++)
            {
                if (failures[i] is null)
                    stored(letters[i]);
                else
                    left.Add(letters[i]);
            }

            if (Array.Exists(failures, static failure => failure is AmqpRefusedException { IsUnroutable: true }))
            {
                declarer.Lost(queue);
                await declarer.DeclareAsync(queue, CancellationToken.None).ConfigureAwait(false);
            }

            return Array.Find(failures, static failure => failure is not null);
        }
        catch (Exception error) when (error is not ObjectDisposedException)
        {
            return error;
        }
    }

    private Task<Exception?[]?> PublishAsync(Settlement[] letters) => publisher.PublishAsync(
        Array.ConvertAll(letters, letter => new AmqpPublication("", _dead, letter.DeadBody.IsEmpty ? letter.Delivery.Body : letter.DeadBody)), CancellationToken.None);
}
