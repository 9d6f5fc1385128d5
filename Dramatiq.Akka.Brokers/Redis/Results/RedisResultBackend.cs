using Akka.Configuration;
using Akka.Event;
using Dramatiq.Akka.Results;
using StackExchange.Redis;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>Results in Redis, on the keys and in the form of Python's Dramatiq, so that either side reads what the other stores. Needs Redis 6.</summary>
/// <remarks>A list of one for each result, and an expiry. On Redis Cluster each result goes to the node of its key in a call of its own, and waits poll.</remarks>
public sealed class RedisResultBackend : IResultBackend
{
    private readonly RedisResultSettings _settings;
    private readonly RedisLinks.Share _connection;
    private readonly ResultWaits _waits;
    private readonly ILoggingAdapter _log;
    private volatile object? _isCluster;

    /// <summary>Creates a backend with connections of its own. It connects at the first call.</summary>
    /// <param name="options">What differs from the defaults.</param>
    /// <exception cref="ConfigurationException">A setting cannot be used; the text names it.</exception>
    public RedisResultBackend(RedisResultOptions options) : this(SettingsOf(options), new RedisLinks(), NoLogger.Instance)
    {
    }

    internal RedisResultBackend(RedisResultSettings settings, RedisLinks links, ILoggingAdapter log)
    {
        _settings = settings;
        _log = log;
        _connection = links.Open(settings.Connection, log);
        _waits = new ResultWaits(_connection.WakeUps, FindAsync, async () => !await IsClusterAsync().ConfigureAwait(false));
    }

    /// <summary>How many keys are waited for.</summary>
    internal int WaitedFor => _waits.Count;

    /// <summary>How many lists are watched on its connection.</summary>
    internal int Watched => _connection.WakeUps.Watched;

    /// <inheritdoc />
    public ValueTask StoreAsync(ResultKey key, ReadOnlyMemory<byte> json, TimeSpan ttl, CancellationToken cancellationToken) =>
        StoreManyAsync([new ResultToStore(key, json, ttl)], cancellationToken);

    /// <inheritdoc />
    public async ValueTask StoreManyAsync(IReadOnlyList<ResultToStore> results, CancellationToken cancellationToken)
    {
        if (results.Count == 0) return;
        var keys = new RedisKey[results.Count];
        var args = new RedisValue[2 * results.Count];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = NameOf(results[i].Key);
            args[2 * i] = results[i].Ttl == Timeout.InfiniteTimeSpan ? -1 : (long)Math.Ceiling(Math.Max(0, results[i].Ttl.TotalMilliseconds));
            args[2 * i + 1] = results[i].Json;
        }

        var storing = keys.Length > 1 && await IsClusterAsync().ConfigureAwait(false) ? StoreEachAsync(keys, args) : StoreAsync(keys, args);
        await storing.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public ValueTask<ReadOnlyMemory<byte>?> FindAsync(ResultKey key, CancellationToken cancellationToken) => FindAsync(NameOf(key));

    /// <inheritdoc />
    public Task<ReadOnlyMemory<byte>> WaitAsync(ResultKey key, CancellationToken cancellationToken) => _waits.WaitAsync(NameOf(key), cancellationToken);

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _waits.Dispose();
        return _connection.DisposeAsync();
    }

    private static RedisResultSettings SettingsOf(RedisResultOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new RedisResultSettings(options.ToHocon().WithFallback(RedisSettings.Reference()), options.ConfigureConnection);
    }

    private string NameOf(in ResultKey key) => key.ToText(_settings.Namespace, _settings.HasReadableKeys);

    private async ValueTask<ReadOnlyMemory<byte>?> FindAsync(string name)
    {
        var stored = await _connection.Link.AskAsync(database => database.ListGetByIndexAsync(name, 0)).ConfigureAwait(false);
        return stored.IsNull ? (ReadOnlyMemory<byte>?)null : (ReadOnlyMemory<byte>)stored;
    }

    private Task<RedisResult> StoreAsync(RedisKey[] keys, RedisValue[] args) => _connection.Link.RunAsync(RedisScript.StoreResults, keys, args).AsTask();

    private Task StoreEachAsync(RedisKey[] keys, RedisValue[] args)
    {
        var stores = new Task[keys.Length];
        for (var i = 0; i < keys.Length; i++) stores[i] = StoreAsync([keys[i]], [args[2 * i], args[2 * i + 1]]);
        return Task.WhenAll(stores);
    }

    private async ValueTask<bool> IsClusterAsync()
    {
        if (_isCluster is bool known) return known;
        var isCluster = await _connection.Link.IsClusterAsync().ConfigureAwait(false);
        if (Interlocked.Exchange(ref _isCluster, isCluster) is null && isCluster)
            _log.Warning("Redis at {0} is a cluster: waits for results poll, every {1} ms at the most.", _settings.Connection.Url, _settings.Connection.PollMax.TotalMilliseconds);
        return isCluster;
    }
}
