using Dramatiq.Akka.Brokers.RabbitMq.Connecting;
using Dramatiq.Akka.Brokers.RabbitMq.Publishing;
using Dramatiq.Akka.Brokers.RabbitMq.Streams;
using Dramatiq.Akka.Brokers.RabbitMq.Topology;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Dramatiq.Akka.Brokers.RabbitMq.Inspection;

/// <summary>
/// The last word on what is paused: one message in a durable queue of length one, and a fanout that tells of each change. There is always exactly one such message, and
/// whoever holds it unacknowledged is alone with it: two changes at once so come one after the other, and a process that dies while it holds it leaves it as it was.
/// </summary>
internal sealed class PauseBoard(ConnectionKeeper connections, Publisher publisher, RabbitMqSettings settings, TimeProvider time)
{
    /// <summary>The name of the queue and of the fanout. The fanout is declared when the first word is in the queue.</summary>
    public const string Name = "dramatiq.pauses";
    private const string FirstWord = "dramatiq.pauses.first";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Readers of one process go one after the other: each hides the word from the next.</summary>
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Where there is no board yet, nothing was ever paused. It is not made for that: RabbitMQ may be blocking publishers.</summary>
    public async Task<IReadOnlySet<string>> ReadAsync(CancellationToken cancellationToken) => (await WithWordAsync(null, cancellationToken).ConfigureAwait(false)).Paused;

    public async Task<IReadOnlySet<string>> SetAsync(string queue, bool isPaused, CancellationToken cancellationToken)
    {
        var word = await WithWordAsync(old => old.With(queue, isPaused), cancellationToken).ConfigureAwait(false);
        // Even of what was so already: the news of it may have been lost with the connection of the one who changed it. Nobody may be listening.
        if (await publisher.PublishAsync([new AmqpPublication(Name, "", word.Write())], cancellationToken).ConfigureAwait(false) is [{ } failure] and not [AmqpRefusedException { IsUnroutable: true }])
            throw failure as BrokerException ?? new BrokerConnectionException($"the news of a pause did not reach RabbitMQ: {failure.Message}", failure);
        return word.Paused;
    }

    /// <summary>Declares the board where it is missing.</summary>
    public async Task PrepareAsync(IConnection connection, CancellationToken cancellationToken)
    {
        while (!await IsPreparedAsync(connection, cancellationToken).ConfigureAwait(false) && !await TryPrepareAsync(connection, cancellationToken).ConfigureAwait(false))
            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
    }

    private async Task<PauseWord> WithWordAsync(Func<PauseWord, PauseWord>? change, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var connection = await connections.GetAsync(cancellationToken).ConfigureAwait(false);
            if (change is not null)
                await PrepareAsync(connection, cancellationToken).ConfigureAwait(false);
            else if (!await IsPreparedAsync(connection, cancellationToken).ConfigureAwait(false))
                return PauseWord.None;

            await using var channel = await connection.CreateChannelAsync(null, cancellationToken).ConfigureAwait(false);
            var held = await TakeAsync(channel, cancellationToken).ConfigureAwait(false);
            using var holding = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            holding.CancelAfter(settings.Heartbeat * 2);   // nobody may have it for as long as others wait for it, or they take it for purged
            if (held is null && change is null)
                return await TryWriteAnewAsync(holding.Token).ConfigureAwait(false);

            var old = held is null ? PauseWord.None : PauseWord.Read(held.Body);
            var changed = change?.Invoke(old) ?? old;
            if (changed != old || held is null)
            {
                await publisher.PublishAsync(new AmqpPublication("", Name, changed.Write()), holding.Token).ConfigureAwait(false);
                if (held is not null)
                    await channel.BasicAckAsync(held.DeliveryTag, multiple: false, CancellationToken.None).ConfigureAwait(false);
            }

            // What is held still goes back when the channel is closed.
            return changed;
        }
        catch (OperationInterruptedException error) when (error.ShutdownReason is { ReplyCode: Constants.AccessRefused or Constants.PreconditionFailed } reason)
        {
            throw new BrokerException($"RabbitMQ does not let this process use '{Name}', which says what is paused: {reason.ReplyCode} {reason.ReplyText}.", error);
        }
        catch (Exception error) when (QueueDeclarer.IsLostConnection(error) || QueueDeclarer.IsNoAnswer(error, cancellationToken))
        {
            throw new BrokerConnectionException($"the connection was lost while '{Name}' was asked what is paused: {error.Message}", error);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Somebody has purged the queue. Whoever reads writes the word that is missing, so that the next need not wait for it; where that cannot be just now, the next one does.</summary>
    private async Task<PauseWord> TryWriteAnewAsync(CancellationToken cancellationToken)
    {
        try
        {
            await publisher.PublishAsync(new AmqpPublication("", Name, PauseWord.None.Write()), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is BrokerException or OperationCanceledException)
        {
            // RabbitMQ blocks publishers, say.
        }

        return PauseWord.None;
    }

    /// <summary>The word; null when nobody has it: after so long, whoever held it was found dead by RabbitMQ, so somebody has purged the queue.</summary>
    private async Task<BasicGetResult?> TakeAsync(IChannel channel, CancellationToken cancellationToken)
    {
        var patience = settings.Heartbeat * 3;
        for (var began = time.GetTimestamp(); ;)
        {
            if (await channel.BasicGetAsync(Name, autoAck: false, cancellationToken).ConfigureAwait(false) is { } word)
                return word;
            if (time.GetElapsedTime(began) > patience)
                return null;
            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<bool> IsPreparedAsync(IConnection connection, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(null, cancellationToken).ConfigureAwait(false);
        try
        {
            await channel.ExchangeDeclarePassiveAsync(Name, cancellationToken).ConfigureAwait(false);
            await channel.QueueDeclarePassiveAsync(Name, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (OperationInterruptedException error) when (error.ShutdownReason is { ReplyCode: Constants.NotFound })
        {
            return false;
        }
    }

    /// <summary>Writes the first word, alone: the exclusive queue is a lock that goes with the connection of whoever has it.</summary>
    private async Task<bool> TryPrepareAsync(IConnection connection, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(null, cancellationToken).ConfigureAwait(false);
        try
        {
            await channel.QueueDeclareAsync(FirstWord, durable: false, exclusive: true, autoDelete: false, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (OperationInterruptedException error) when (error.ShutdownReason is { ReplyCode: Constants.ResourceLocked })
        {
            return false;
        }
        catch (OperationCanceledException) when (connection.IsOpen)
        {
            await UnlockLateAsync(connection).ConfigureAwait(false);
            throw;
        }

        try
        {
            await WriteFirstWordAsync(connection, channel, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (connection.IsOpen)
                await UnlockAsync(connection, channel).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>RabbitMQ closes the channel of whoever asks for what cannot be, but the lock is the connection's: kept, it would keep all others waiting.</summary>
    private static async Task UnlockAsync(IConnection connection, IChannel channel)
    {
        await using var another = channel.IsOpen ? null : await connection.CreateChannelAsync(null, CancellationToken.None).ConfigureAwait(false);
        await (another ?? channel).QueueDeleteAsync(FirstWord, cancellationToken: CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>The answer did not come, so the lock may be there and this connection's, or another's.</summary>
    private static async Task UnlockLateAsync(IConnection connection)
    {
        try
        {
            await using var channel = await connection.CreateChannelAsync(null, CancellationToken.None).ConfigureAwait(false);
            await channel.QueueDeleteAsync(FirstWord, cancellationToken: CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception error) when (error is OperationCanceledException || QueueDeclarer.IsLostConnection(error))
        {
            // It is another's, or goes with the connection that nobody answers on.
        }
    }

    private async Task WriteFirstWordAsync(IConnection connection, IChannel channel, CancellationToken cancellationToken)
    {
        if (!await IsPreparedAsync(connection, cancellationToken).ConfigureAwait(false))
        {
            var arguments = new Dictionary<string, object?> { ["x-max-length"] = 1, ["x-overflow"] = "drop-head" };
            var queue = await channel.QueueDeclareAsync(Name, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken).ConfigureAwait(false);
            if (queue.MessageCount == 0)
                await publisher.PublishAsync(new AmqpPublication("", Name, PauseWord.None.Write()), cancellationToken).ConfigureAwait(false);
            await channel.ExchangeDeclareAsync(Name, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
    }
}
