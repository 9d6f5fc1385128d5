using System.Collections.Concurrent;
using Dramatiq.Akka.Brokers.RabbitMq.Connecting;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Dramatiq.Akka.Brokers.RabbitMq.Topology;

/// <summary>Declares queues when they are first needed, and remembers which it has. Declarations share one channel, which RabbitMQ closes at each refusal.</summary>
internal sealed class QueueDeclarer(ConnectionKeeper connections, RabbitMqSettings settings)
{
    private readonly ConcurrentDictionary<string, bool> _declared = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private IChannel? _channel;

    /// <summary>The canonical queues that this process has declared, even if they were lost since.</summary>
    public IEnumerable<string> Known => _declared.Keys;

    public bool Knows(string queue) => _declared.ContainsKey(QueueName.Canonical(queue));

    /// <summary>The queue was found missing: it is declared anew when it is needed next.</summary>
    public void Lost(string queue) => _declared.TryUpdate(QueueName.Canonical(queue), false, true);

    /// <summary>The server may be another one, or have lost what was not durable: everything is declared anew when it is needed next.</summary>
    public void AllMayBeLost()
    {
        foreach (var queue in _declared.Keys)
            _declared[queue] = false;
    }

    public Task DeclareAsync(string queue, CancellationToken cancellationToken)
    {
        var canonical = QueueName.Canonical(QueueName.Checked(queue));
        return _declared.TryGetValue(canonical, out var isThere) && isThere ? Task.CompletedTask : DeclareMissingAsync(canonical, cancellationToken);
    }

    /// <summary>Does something on the declaring channel, alone.</summary>
    /// <exception cref="BrokerConnectionException">The connection is not there, or was lost meanwhile.</exception>
    public async Task<T> OnChannelAsync<T>(Func<IChannel, Task<T>> work, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_channel is not { IsOpen: true })
            {
                var connection = await connections.GetAsync(cancellationToken).ConfigureAwait(false);
                _channel = await connection.CreateChannelAsync(null, cancellationToken).ConfigureAwait(false);
            }

            return await work(_channel).ConfigureAwait(false);
        }
        catch (Exception error) when (error is OperationCanceledException || IsLostConnection(error))
        {
            Leave();
            if (error is OperationCanceledException && !IsNoAnswer(error, cancellationToken))
                throw;
            throw new BrokerConnectionException($"the connection was lost while queues were declared: {error.Message}", error);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>What is answered too late must not be taken for the answer to what is asked next: that is asked on another channel.</summary>
    private void Leave()
    {
        if (_channel is { IsOpen: true } channel)
            _ = channel.AbortAsync();
        _channel = null;
    }

    private async Task DeclareMissingAsync(string queue, CancellationToken cancellationToken)
    {
        await OnChannelAsync(
            async channel =>
            {
                foreach (var declaration in QueueArguments.Of(queue, settings))
                    await DeclareAsync(channel, declaration, cancellationToken).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        _declared[queue] = true;
    }

    private static async Task DeclareAsync(IChannel channel, QueueDeclaration declaration, CancellationToken cancellationToken)
    {
        try
        {
            var arguments = declaration.Arguments.ToDictionary(static argument => argument.Key, static argument => argument.Value);
            await channel.QueueDeclareAsync(declaration.Name, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (OperationInterruptedException error) when (error.ShutdownReason is { Initiator: ShutdownInitiator.Peer } reason)
        {
            throw reason.ReplyCode switch
            {
                Constants.PreconditionFailed => new QueueArgumentsDifferException(declaration.Name, declaration.ArgumentsText, reason.ReplyText, error),
                Constants.ConnectionForced => new BrokerConnectionException($"RabbitMQ closed the connection: {reason.ReplyText}", error),
                _ => new BrokerException($"RabbitMQ refuses queue '{declaration.Name}': {reason.ReplyCode} {reason.ReplyText}.", error),
            };
        }
    }

    /// <summary>Whether RabbitMQ.Client gave up waiting for an answer, which looks as if the caller had.</summary>
    internal static bool IsNoAnswer(Exception error, CancellationToken cancellationToken) => error is OperationCanceledException && !cancellationToken.IsCancellationRequested;

    internal static bool IsLostConnection(Exception error) =>
        error is OperationInterruptedException or AlreadyClosedException or IOException or TimeoutException or ObjectDisposedException or System.Threading.Channels.ChannelClosedException;
}
