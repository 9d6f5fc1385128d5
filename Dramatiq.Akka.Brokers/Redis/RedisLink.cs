using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>The connection that everything but waiting goes through. It is opened at the first call, and comes back by itself.</summary>
internal sealed class RedisLink(RedisSettings settings) : IAsyncDisposable
{
    // What a server answers while it starts, fails over, or is short of something: the same call may succeed soon.
    private static readonly string[] TransientAnswers = ["LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY", "OOM", "NOREPLICAS", "MISCONF", "UNBLOCKED"];

    private readonly Lock _gate = new();
    private Task<ConnectionMultiplexer>? _opening;
    private IDatabase? _database;
    private bool _disposed;
    private object? _isCluster;   // a bool, once it is known
    private int _changes;
    private volatile Exception? _failure;   // why there is no connection; null as long as there is one
    private volatile ConnectionMultiplexer? _connection;

    /// <summary>
    /// Counts what may have put another server in the place of the one before, or the same one as it was before a crash: it need not know of the last that was confirmed.
    /// </summary>
    public int Changes => Volatile.Read(ref _changes);

    public ConfigurationOptions? Configuration { get; private set; }

    /// <summary>Runs a script.</summary>
    /// <exception cref="BrokerConnectionException">Nothing is known of its effect.</exception>
    /// <exception cref="BrokerException">The server refused it.</exception>
    public async ValueTask<RedisResult> RunAsync(RedisScript script, RedisKey[] keys, RedisValue[] args)
    {
        try
        {
            var database = _database ?? await OpenAsync().ConfigureAwait(false);
            try
            {
                return await database.ScriptEvaluateAsync(script.Hash, keys, args).ConfigureAwait(false);
            }
            catch (RedisServerException unknown) when (unknown.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
            {
                return await database.ExecuteAsync("EVAL", [script.Text, keys.Length, .. keys.Select(static key => (object)key), .. args.Select(static arg => (object)arg)]).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (Translated(error, keys) is { } translated)
        {
            throw translated;
        }
    }

    /// <summary>Runs something else on the connection, with the same errors.</summary>
    public async ValueTask<T> AskAsync<T>(Func<IDatabase, Task<T>> question)
    {
        try
        {
            return await question(_database ?? await OpenAsync().ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception error) when (Translated(error) is { } translated)
        {
            throw translated;
        }
    }

    /// <summary>The server that has this key.</summary>
    public ValueTask<EndPoint?> FindServerAsync(RedisKey key) =>
        AskAsync(database => database.IdentifyEndpointAsync(key, CommandFlags.DemandMaster));

    /// <summary>Whether each node has some of the keys only.</summary>
    public async ValueTask<bool> IsClusterAsync()
    {
        if (_isCluster is bool known) return known;
        var isCluster = await AskAsync(static async database =>
        {
            await database.PingAsync().ConfigureAwait(false);   // what kind of server it is, is known once it has answered
            return Array.Exists(database.Multiplexer.GetServers(), static server => server.ServerType == ServerType.Cluster);
        }).ConfigureAwait(false);
        _isCluster = isCluster;
        return isCluster;
    }

    public async ValueTask DisposeAsync()
    {
        Task<ConnectionMultiplexer>? opening;
        lock (_gate)
        {
            _disposed = true;
            opening = _opening;
        }

        if (opening is null) return;
        try
        {
            await (await opening.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (Translated(error) is not null)
        {
            // It was never open.
        }
    }

    private async ValueTask<IDatabase> OpenAsync()
    {
        Task<ConnectionMultiplexer> opening;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_opening is null or { IsFaulted: true } or { IsCanceled: true }) _opening = ConnectAsync();
            opening = _opening;
        }

        return _database = (await opening.ConfigureAwait(false)).GetDatabase();
    }

    private async Task<ConnectionMultiplexer> ConnectAsync()
    {
        var configuration = Configuration = settings.ToConfiguration();
        var connection = await ConnectionMultiplexer.ConnectAsync(configuration).ConfigureAwait(false);
        _connection = connection;
        connection.ConnectionFailed += (_, failed) =>
        {
            _failure = failed.Exception;
            Interlocked.Increment(ref _changes);
        };
        connection.ConnectionRestored += (_, _) =>
        {
            _failure = null;
            Interlocked.Increment(ref _changes);
        };
        connection.ConfigurationChanged += (_, _) => Interlocked.Increment(ref _changes);
        return connection;
    }

    private BrokerException? Translated(Exception error, RedisKey[]? keys = null) => error switch
    {
        // A command may give up waiting before the connection has told why it does not come about.
        RedisTimeoutException or TimeoutException when _failure is RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } failure => Translated(failure),
        RedisServerException refused when Array.Exists(TransientAnswers, refused.Message.StartsWith) =>
            new BrokerConnectionException($"Redis at {settings.Url} cannot serve now: {refused.Message}", refused),
        RedisServerException { Message: var text } crossed when text.StartsWith("CROSSSLOT", StringComparison.Ordinal) => NeedsHashTag(crossed, keys),
        RedisCommandException { Message: var text } crossed when text.Contains("single slot", StringComparison.Ordinal) => NeedsHashTag(crossed, keys),
        RedisCommandException refused => new BrokerException($"Redis at {settings.Url} cannot take a command: {refused.Message}", refused),
        RedisServerException refused => new BrokerException($"Redis at {settings.Url} refused a command: {refused.Message}", refused),
        RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } when settings.Url.IsTls && Cause<System.Security.Authentication.AuthenticationException>(error) is { } cause =>
            new BrokerConnectionException(
                $"Redis at {settings.Url} cannot be trusted: {cause.Message} A private CA is named with dramatiq.redis.tls-ca-file; the host must be one of the certificate's names.", error),
        RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } => new BrokerConnectionException(
            $"Redis at {settings.Url} did not accept the user and password of dramatiq.redis.url: {error.GetBaseException().Message}", error),
        RedisTimeoutException or TimeoutException => new BrokerConnectionException(
            $"Redis at {settings.Url} did not answer within {settings.CommandTimeout.TotalMilliseconds:0} ms (dramatiq.redis.timeout).{DistrustHint}", error),
        RedisException or SocketException or IOException => new BrokerConnectionException($"Redis at {settings.Url} cannot be reached: {error.Message}{DistrustHint}", error),
        ObjectDisposedException => new BrokerConnectionException("The broker is closed.", error),
        _ => null,
    };

    /// <summary>The client does not always tell that it was the certificate.</summary>
    private string DistrustHint => settings.Url.IsTls && _connection is not { IsConnected: true }
        ? " If the server is up, its certificate may not be trusted here: a private CA is named with dramatiq.redis.tls-ca-file, and the host must be one of the certificate's names."
        : "";

    private static T? Cause<T>(Exception error) where T : Exception
    {
        for (Exception? cause = error; cause is not null; cause = cause.InnerException)
            if (cause is T found) return found;
        return null;
    }

    /// <summary>Queues have the namespace in all of their keys; limits and barriers are the user's to name.</summary>
    private BrokerException NeedsHashTag(Exception cause, RedisKey[]? keys) => new(
        keys is [var first, var second, ..] && !first.ToString().StartsWith(settings.Namespace, StringComparison.Ordinal)
            ? $"Redis at {settings.Url} is a cluster, so keys of one step must be on one node, and '{first}' and '{second}' are not: give the key a hash tag, for instance '{{{first}}}'."
            : $"Redis at {settings.Url} is a cluster, so all keys must be on one node: give dramatiq.redis.namespace a hash tag, for instance '{{{settings.Namespace}}}'.", cause);
}
