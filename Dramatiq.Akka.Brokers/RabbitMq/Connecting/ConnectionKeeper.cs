using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Dramatiq.Akka.Brokers.RabbitMq.Connecting;

// Away --GetAsync--> Connecting --first URL that answers--> Open --lost--> Away
/// <summary>
/// One connection that is opened when it is asked for, and again when it was lost. It does not try by itself: whoever needs it asks again, after a back-off of its own,
/// and all who ask at once share one attempt.
/// </summary>
internal sealed class ConnectionKeeper(RabbitMqSettings settings, string purpose) : IAsyncDisposable
{
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private volatile IConnection? _connection;
    private volatile TaskCompletionSource? _unblocked;
    private string _blockedReason = "";
    private int _preferred;
    private volatile bool _isDisposed;

    /// <summary>Whether RabbitMQ blocks this connection's publishers.</summary>
    public bool IsBlocked => _unblocked is not null && _connection is { IsOpen: true };

    /// <summary>The open connection.</summary>
    /// <exception cref="BrokerConnectionException">No address answers; the text says what each said.</exception>
    /// <exception cref="BrokerException">RabbitMQ refuses the user or the vhost, or no address has a certificate that may be trusted: trying again is of no use.</exception>
    public ValueTask<IConnection> GetAsync(CancellationToken cancellationToken) =>
        _connection is { IsOpen: true } open ? ValueTask.FromResult(open) : new ValueTask<IConnection>(ConnectAsync(cancellationToken));

    /// <summary>Waits while RabbitMQ blocks this connection's publishers. One that was lost meanwhile blocks nobody: whoever publishes opens the next.</summary>
    /// <exception cref="BrokerConnectionException">It still does so after the configured time.</exception>
    public ValueTask WhenUnblockedAsync(CancellationToken cancellationToken) =>
        _unblocked is { } unblocked && _connection is { IsOpen: true } ? new ValueTask(WaitAsync(unblocked.Task, cancellationToken)) : ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        _unblocked?.TrySetResult();
        await _connecting.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_connection is { } connection)
                await CloseAsync(connection).WaitAsync(settings.ConnectTimeout * 2).ConfigureAwait(false);
        }
        catch (Exception error) when (error is AlreadyClosedException or OperationInterruptedException or IOException or OperationCanceledException or TimeoutException)
        {
            // It was lost while it was being closed, or nobody answers: the process goes on without it.
        }
        finally
        {
            _connecting.Release();
        }
    }

    private async Task CloseAsync(IConnection connection)
    {
        try
        {
            await connection.CloseAsync(Constants.ReplySuccess, "the process stops", settings.ConnectTimeout, abort: true, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Frees a connection that was lost. Nobody waits for it: what the client still has to tidy up may hang on what was lost.</summary>
    private static async Task LeaveAsync(IConnection lost)
    {
        try
        {
            await lost.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // It was lost already.
        }
    }

    private async Task<IConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        await _connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_connection is { IsOpen: true } open)
                return open;

            if (_connection is { } old)
                _ = LeaveAsync(old);
            _connection = null;
            _unblocked?.TrySetResult();
            _unblocked = null;
            return _connection = await FirstThatAnswersAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _connecting.Release();
        }
    }

    private async Task<IConnection> FirstThatAnswersAsync(CancellationToken cancellationToken)
    {
        var refusals = new List<string>();
        Exception? last = null;
        var untrusted = 0;
        for (var i = 0; i < settings.Urls.Count; i++)
        {
            var place = (_preferred + i) % settings.Urls.Count;
            var url = settings.Urls[place];
            var certificate = new ServerCertificate(url, settings);
            try
            {
                var connection = await Factory(url, certificate).CreateConnectionAsync($"{settings.ClientName} ({purpose})", cancellationToken).ConfigureAwait(false);
                _preferred = place;
                connection.ConnectionBlockedAsync += OnBlocked;
                connection.ConnectionUnblockedAsync += OnUnblocked;
                connection.ConnectionShutdownAsync += (sender, _) => ReferenceEquals(sender, _connection) ? OnUnblocked(sender, AsyncEventArgs.Empty) : Task.CompletedTask;
                return connection;
            }
            catch (Exception error) when (error is BrokerUnreachableException or OperationInterruptedException or IOException or TimeoutException)
            {
                if (Refusal(error) is { } refusal)
                    throw new BrokerException($"RabbitMQ at {BrokerUrl.Redacted(url)} refuses this process: {refusal} Correct the user, password or vhost of dramatiq.rabbitmq.url.", error);
                refusals.Add($"{BrokerUrl.Redacted(url)}: {certificate.Problem ?? Innermost(error).Message}");
                untrusted += certificate.Problem is null ? 0 : 1;
                last = error;
            }
        }

        if (untrusted == settings.Urls.Count)
            throw new BrokerException($"RabbitMQ cannot be trusted: {string.Join("; ", refusals)}.", last);

        throw new BrokerConnectionException($"RabbitMQ does not answer: {string.Join("; ", refusals)}", last);
    }

    private ConnectionFactory Factory(Uri url, ServerCertificate certificate)
    {
        var factory = new ConnectionFactory
        {
            Uri = url,
            RequestedHeartbeat = settings.Heartbeat,
            RequestedConnectionTimeout = settings.ConnectTimeout,
            HandshakeContinuationTimeout = settings.ConnectTimeout,
            ContinuationTimeout = settings.ReplyTimeout,
        };
        if (factory.Ssl.Enabled)
            certificate.Guard(factory.Ssl);
        settings.ConfigureConnection?.Invoke(factory);
        factory.AutomaticRecoveryEnabled = false;
        factory.TopologyRecoveryEnabled = false;
        return factory;
    }

    private Task OnBlocked(object sender, ConnectionBlockedEventArgs blocked)
    {
        _blockedReason = blocked.Reason;
        _unblocked ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return Task.CompletedTask;
    }

    private Task OnUnblocked(object sender, AsyncEventArgs unblocked)
    {
        var waiting = _unblocked;
        _unblocked = null;
        waiting?.TrySetResult();
        return Task.CompletedTask;
    }

    private async Task WaitAsync(Task unblocked, CancellationToken cancellationToken)
    {
        try
        {
            await unblocked.WaitAsync(settings.BlockedTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException error)
        {
            throw new BrokerConnectionException(
                $"RabbitMQ has blocked publishers for {settings.BlockedTimeout.TotalSeconds:0.#} s ({_blockedReason}): free memory or disk on its machine. Consumers go on.", error);
        }
    }

    private static string? Refusal(Exception error)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case AuthenticationFailureException or PossibleAuthenticationFailureException:
                    return "it does not take user and password.";
                case OperationInterruptedException { ShutdownReason: { ReplyCode: Constants.NotAllowed or Constants.AccessRefused } reason }:
                    return reason.ReplyText + ".";
            }
        }

        return null;
    }

    private static Exception Innermost(Exception error)
    {
        while ((error as AggregateException)?.InnerExceptions.FirstOrDefault() is { } first)
            error = first;
        return error is BrokerUnreachableException { InnerException: { } inner } ? Innermost(inner) : error;
    }
}
