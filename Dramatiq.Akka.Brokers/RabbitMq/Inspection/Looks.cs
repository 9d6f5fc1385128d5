using System.Collections.Concurrent;
using Dramatiq.Akka.Brokers.RabbitMq.Connecting;
using Dramatiq.Akka.Brokers.RabbitMq.Delays;
using Dramatiq.Akka.Brokers.RabbitMq.Topology;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Dramatiq.Akka.Brokers.RabbitMq.Inspection;

/// <summary>
/// Looks at queues, each on a channel of its own on the consuming connection, which RabbitMQ does not block. Looks of this process at one queue come one after the other,
/// since one hides from the other what it holds.
/// </summary>
internal sealed class Looks(ConnectionKeeper connections, QueueDeclarer declarer, RabbitMqSettings settings, LookNotes notes)
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _turns = new(StringComparer.Ordinal);

    /// <summary>Looks at the head of a queue, and puts back whatever it still holds then.</summary>
    /// <param name="queue">The queue as on the wire, or a level of the ladder.</param>
    /// <param name="work">Takes messages and settles those that are to go.</param>
    /// <param name="cancellationToken">Ends the wait for the turn.</param>
    /// <exception cref="QueueNotFoundException">The queue is not there.</exception>
    /// <exception cref="BrokerConnectionException">The broker is away, or was lost meanwhile.</exception>
    public async Task<T> AtAsync<T>(string queue, Func<QueueHead, Task<T>> work, CancellationToken cancellationToken)
    {
        var turn = _turns.GetOrAdd(queue, static _ => new SemaphoreSlim(1, 1));
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await ExplainedAsync(queue, async () =>
            {
                var connection = await connections.GetAsync(cancellationToken).ConfigureAwait(false);
                // Nobody counts the deliveries of the other queues.
                var counted = QueueName.Canonical(queue) == queue && !DelayLadder.IsLevel(queue) ? notes : null;
                await using var head = await QueueHead.OpenAsync(connection, queue, settings, counted, cancellationToken).ConfigureAwait(false);
                try
                {
                    return await work(head).ConfigureAwait(false);
                }
                finally
                {
                    await head.PutBackAsync().ConfigureAwait(false);
                }
            }, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Asks something on a channel of its own.</summary>
    /// <param name="queue">What the question is about.</param>
    /// <param name="question">The question.</param>
    /// <param name="cancellationToken">Ends the wait for the connection.</param>
    public Task<T> AskAsync<T>(string queue, Func<IChannel, Task<T>> question, CancellationToken cancellationToken) => ExplainedAsync(queue, async () =>
    {
        var connection = await connections.GetAsync(cancellationToken).ConfigureAwait(false);
        await using var channel = await connection.CreateChannelAsync(null, cancellationToken).ConfigureAwait(false);
        return await question(channel).ConfigureAwait(false);
    }, cancellationToken);

    /// <summary>Lets pass what this process has declared, and what is on the server with a dead-letter queue, as Python declares it: nobody is to purge what is not Dramatiq's.</summary>
    /// <exception cref="QueueNotFoundException">Neither.</exception>
    public async Task CheckAsync(string queue, CancellationToken cancellationToken)
    {
        if (declarer.Knows(queue))
            return;

        var canonical = QueueName.Canonical(queue);
        await AskAsync(queue, async channel =>
        {
            await channel.QueueDeclarePassiveAsync(canonical, cancellationToken).ConfigureAwait(false);
            return await channel.QueueDeclarePassiveAsync(QueueName.Dead(canonical), cancellationToken).ConfigureAwait(false);
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The levels of the ladder that hold messages, from the soonest on; none where there is no ladder.</summary>
    public async Task<IReadOnlyList<(string Level, uint Count)>> LevelsInUseAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(DelayLadder.Exchange(0), async channel =>
            {
                var inUse = new List<(string, uint)>();
                // The last to be declared comes first: where it is, all are.
                for (var level = DelayLadder.Levels - 1; level >= 0; level--)
                {
                    var found = await channel.QueueDeclarePassiveAsync(DelayLadder.Exchange(level), cancellationToken).ConfigureAwait(false);
                    if (found.MessageCount > 0)
                        inUse.Add((found.QueueName, found.MessageCount));
                }

                inUse.Reverse();
                return inUse;
            }, cancellationToken).ConfigureAwait(false);
        }
        catch (QueueNotFoundException)
        {
            return [];
        }
    }

    private async Task<T> ExplainedAsync<T>(string queue, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (OperationInterruptedException error) when (error.ShutdownReason is { ReplyCode: Constants.NotFound })
        {
            declarer.Lost(queue);
            throw new QueueNotFoundException(queue, declarer.Known);
        }
        catch (OperationInterruptedException error) when (error.ShutdownReason is { ReplyCode: Constants.AccessRefused or Constants.ResourceLocked } reason)
        {
            throw new BrokerException($"RabbitMQ does not let this process look at queue '{queue}': {reason.ReplyCode} {reason.ReplyText}.", error);
        }
        catch (Exception error) when (QueueDeclarer.IsLostConnection(error) || QueueDeclarer.IsNoAnswer(error, cancellationToken))
        {
            throw new BrokerConnectionException($"the connection was lost while queue '{queue}' was looked at: {error.Message}", error);
        }
    }
}
