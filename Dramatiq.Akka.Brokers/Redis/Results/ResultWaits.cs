namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>
/// All waits for results of one process. The server tells on one connection when a watched key changes, whoever wrote it; only then is the result fetched. Any number of waits for the same key
/// ask once, and a wait that ends takes with it what it left.
/// </summary>
/// <param name="wakeUps">Tells of changes, and makes the pauses where the server does not.</param>
/// <param name="find">Fetches a result; null for none.</param>
/// <param name="tells">Whether the server can tell of changes of these keys. On Redis Cluster it could on a connection to each node: there, waits poll.</param>
internal sealed class ResultWaits(WakeUps wakeUps, Func<string, ValueTask<ReadOnlyMemory<byte>?>> find, Func<ValueTask<bool>> tells) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Wait> _waits = new(StringComparer.Ordinal);
    private bool _closed;

    /// <summary>How many keys are waited for.</summary>
    public int Count
    {
        get { lock (_gate) return _waits.Count; }
    }

    public async Task<ReadOnlyMemory<byte>> WaitAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Wait? wait;
        var isFirst = false;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (!_waits.TryGetValue(key, out wait))
            {
                _waits.Add(key, wait = new Wait());
                isFirst = true;
            }

            wait.Holders++;
        }

        if (isFirst) _ = RunAsync(key, wait);
        try
        {
            return await wait.Result.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Leave(key, wait);
        }
    }

    public void Dispose()
    {
        Wait[] waits;
        lock (_gate)
        {
            _closed = true;
            waits = [.. _waits.Values];
        }

        foreach (var wait in waits) wait.Result.TrySetException(new ObjectDisposedException(nameof(RedisResultBackend)));
    }

    private void Leave(string key, Wait wait)
    {
        lock (_gate)
        {
            if (--wait.Holders > 0) return;
            if (_waits.TryGetValue(key, out var current) && current == wait) _waits.Remove(key);
        }

        wait.Over.Cancel();
    }

    private async Task RunAsync(string key, Wait wait)
    {
        var over = wait.Over.Token;
        try
        {
            var canTell = await TellsAsync(over).ConfigureAwait(false);
            for (var misses = 0; ; misses++)
            {
                var watched = canTell
                    ? await wakeUps.WatchAsync(key, misses, over).ConfigureAwait(false)
                    : new WatchedList(-1, wakeUps.PauseAsync(misses, over));
                if (watched.Length == 0) misses = 0;
                if (watched.Length != 0 && await FindAsync(key, over).ConfigureAwait(false) is { } stored)
                {
                    wait.Result.TrySetResult(stored);
                    return;
                }

                await watched.Changed.WaitAsync(over).ConfigureAwait(false);
                if (watched.Length == 0 && await FindAsync(key, over).ConfigureAwait(false) is { } told)
                {
                    wait.Result.TrySetResult(told);
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // Nobody waits any more.
        }
        catch (Exception error)
        {
            wait.Result.TrySetException(error);
        }
        finally
        {
            wakeUps.Forget(key);
        }
    }

    private async ValueTask<bool> TellsAsync(CancellationToken over)
    {
        for (var misses = 0; ; misses++)
        {
            try
            {
                return await tells().ConfigureAwait(false);
            }
            catch (BrokerException error) when (error.IsTransient)
            {
                await wakeUps.PauseAsync(misses, over).ConfigureAwait(false);
            }
        }
    }

    /// <summary>
    /// What is there, or null, once the server has said so: one that is away is asked again, after a pause that grows, for as long as somebody waits. No answer is not the same as none, since what is
    /// stored already does not change again.
    /// </summary>
    private async ValueTask<ReadOnlyMemory<byte>?> FindAsync(string key, CancellationToken over)
    {
        for (var misses = 0; ; misses++)
        {
            try
            {
                return await find(key).ConfigureAwait(false);
            }
            catch (BrokerException error) when (error.IsTransient)
            {
                await wakeUps.PauseAsync(misses, over).ConfigureAwait(false);
            }
        }
    }

    /// <summary>One key, and how many wait for it.</summary>
    private sealed class Wait
    {
        public TaskCompletionSource<ReadOnlyMemory<byte>> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationTokenSource Over { get; } = new();

        public int Holders { get; set; }
    }
}
