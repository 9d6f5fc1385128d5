using System.Runtime.ExceptionServices;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Brokers.InMemory;

/// <summary>One wait for a queue to run empty.</summary>
internal sealed class QueueJoin(InMemoryQueue queue, TimeProvider clock, bool failFast, Action<TimeSpan>? advance)
{
    public async Task RunAsync(TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var sight = Look();
            if (failFast && sight.Dead is { } dead) Rethrow(dead);
            if (sight.IsEmpty) return;
            if (advance is not null && sight.NextEta is { } eta && MoveClockTo(eta)) continue;
            await WaitAsync(sight.Changed, started, timeout, cancellationToken);
        }
    }

    private Sight Look()
    {
        lock (queue.Gate)
        {
            var quiet = queue.Main.IsEmptyHeld;
            var isEmpty = quiet && queue.Delay.IsEmptyHeld;
            return new Sight(
                queue.FirstDeadHeld(),
                isEmpty,
                quiet && !isEmpty && advance is not null ? queue.Delay.EarliestEtaHeld() : null,
                queue.NextChangeHeld());
        }
    }

    /// <summary>Lets the virtual clock jump to the eta.</summary>
    /// <returns>False when the message is due already: then its consumer has it in hand, or is about to, and time is not what it waits for.</returns>
    private bool MoveClockTo(long eta)
    {
        var wait = eta - clock.GetUtcNow().ToUnixTimeMilliseconds();
        if (wait <= 0) return false;
        advance!(TimeSpan.FromMilliseconds(wait));
        return clock.GetUtcNow().ToUnixTimeMilliseconds() >= eta
            ? true
            : throw new DramatiqException(
                $"The clock of the in-memory broker did not move by the {TimeSpan.FromMilliseconds(wait)} that it was told to. "
                + $"Give the broker the clock that 'advance' moves, in {nameof(InMemoryBrokerOptions)}.{nameof(InMemoryBrokerOptions.TimeProvider)}.");
    }

    private async Task WaitAsync(Task changed, long started, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        if (timeout is not { } limit)
        {
            await changed.WaitAsync(cancellationToken);
            return;
        }

        try
        {
            var left = limit - TimeProvider.System.GetElapsedTime(started);
            await changed.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new QueueJoinTimeoutException(queue.Stats(), limit);
        }
    }

    private static void Rethrow(Grave dead)
    {
        if (dead.Cause is { } cause) ExceptionDispatchInfo.Throw(cause);
        throw new DramatiqException($"{Named(dead)} is a dead letter, and nothing is known of the cause.");
    }

    private static string Named(Grave dead)
    {
        try
        {
            var message = Message.Decode(dead.Body);
            return $"Message {message.MessageId} of actor '{message.ActorName}' on queue '{message.QueueName}'";
        }
        catch (DecodeException)
        {
            return "A message that cannot be decoded";
        }
    }

    /// <summary>The queue at one moment.</summary>
    /// <param name="Dead">The first dead letter.</param>
    /// <param name="IsEmpty">Whether nothing waits, is delayed or in flight.</param>
    /// <param name="NextEta">When only delayed messages are left, the earliest eta of them.</param>
    /// <param name="Changed">Completes when the next look may see something else.</param>
    private readonly record struct Sight(Grave? Dead, bool IsEmpty, long? NextEta, Task Changed);
}
