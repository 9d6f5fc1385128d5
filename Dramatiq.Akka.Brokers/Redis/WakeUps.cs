using System.Collections.Concurrent;
using Akka.Event;
using StackExchange.Redis;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>A list as it was when it was last asked for, and its next change.</summary>
/// <param name="Length">How long the list was; -1 where that was not asked.</param>
/// <param name="Changed">Completes when somebody has changed the list, or may have.</param>
internal readonly record struct WatchedList(long Length, Task Changed);

/// <summary>Tells consumers, and who waits for results, when a list changes: at once where the server says so, else after a pause that they poll in. One connection serves all lists of the process.</summary>
internal sealed class WakeUps(RedisLink link, RedisSettings settings, RedisKeys keys, ILoggingAdapter log) : IAsyncDisposable
{
    /// <summary>How often a silent connection is asked whether it still stands.</summary>
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan ReconnectPause = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<string, TaskCompletionSource> _watched = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private volatile WakeConnection? _connection;
    private volatile bool _refused = !settings.Tracks;
    private Task? _running;

    /// <summary>How many lists are watched.</summary>
    public int Watched => _watched.Count;

    /// <summary>Watches a list. Whoever changes it after the answer completes <see cref="WatchedList.Changed"/>.</summary>
    /// <param name="list">The list.</param>
    /// <param name="misses">How often the caller has found nothing in a row: it makes the pause between polls longer.</param>
    /// <param name="cancellationToken">Ends the wait: <see cref="WatchedList.Changed"/> is then canceled, unless the server tells of changes.</param>
    public async ValueTask<WatchedList> WatchAsync(RedisKey list, int misses, CancellationToken cancellationToken)
    {
        var name = list.ToString();
        // Completed by the thread that read the push, which goes on as the waiting consumer and sends its fetch: a hop to another thread would cost more than that.
        var changed = _watched.GetOrAdd(name, static _ => new TaskCompletionSource()).Task;
        if (_refused) return new WatchedList(-1, ChangedOrPolledAsync(changed, misses, cancellationToken));
        lock (_gate) _running ??= Task.Run(RunAsync, CancellationToken.None);
        if (_connection is not { } connection) return new WatchedList(-1, ChangedOrPolledAsync(changed, misses, cancellationToken));
        try
        {
            var answer = await connection.AskAsync(cancellationToken, "LLEN", name).WaitAsync(settings.CommandTimeout, cancellationToken).ConfigureAwait(false);

            if (answer is long length) return new WatchedList(length, changed);

            // What is no list is told of all the same. Else the server has not taken the question (on a cluster the key may be another's) and will tell nothing: it is polled.
            return new WatchedList(-1, answer is RespError { Text: var text } && text.StartsWith("WRONGTYPE", StringComparison.Ordinal)
                ? changed
                : ChangedOrPolledAsync(changed, misses, cancellationToken));
        }
        catch (Exception error) when (IsConnectionLoss(error))
        {
            return new WatchedList(-1, Task.Delay(PollPause(misses), cancellationToken));
        }
    }

    /// <summary>The list is of no interest any more: whoever watches it still is told that it may have changed.</summary>
    public void Forget(string list) => Changed(list);

    /// <summary>The pause between two polls.</summary>
    /// <param name="misses">How often the caller has found nothing in a row.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task PauseAsync(int misses, CancellationToken cancellationToken) => Task.Delay(PollPause(misses), cancellationToken);

    /// <summary>
    /// This process has sent messages into a list. A consumer of its own need not wait until the server says so: its fetch goes out right behind them on the same connection.
    /// </summary>
    public void Sent(RedisKey list) => Changed(list.ToString());

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        if (_running is { } running) await running.ConfigureAwait(false);
        _stopping.Dispose();
    }

    /// <summary>Whoever waits must learn that the pause was cut short, and not that something may have changed: it would look again at once, and for ever.</summary>
    private async Task ChangedOrPolledAsync(Task changed, int misses, CancellationToken cancellationToken)
    {
        await Task.WhenAny(changed, PauseAsync(misses, cancellationToken)).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private TimeSpan PollPause(int misses)
    {
        var pause = settings.PollMin * Math.Pow(2, Math.Min(misses, 20));
        return pause < settings.PollMax ? pause : settings.PollMax;
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested && !_refused)
        {
            try
            {
                await ServeAsync().ConfigureAwait(false);
            }
            catch (TrackingRefusedException refused)
            {
                _refused = true;
                log.Warning("Idle consumers and waits for results poll, every {0} ms at the most: {1}", settings.PollMax.TotalMilliseconds, refused.Message);
            }
            catch (Exception error) when (!IsConnectionLoss(error) && error is not BrokerException)
            {
                log.Error(error, "The connection that tells of changes failed and is opened anew.");
            }
            catch (Exception error)
            {
                log.Debug("The connection that tells of changes was lost and is opened anew: {0}", error.Message);
            }

            _connection = null;
            Changed(null);
            await Task.Delay(ReconnectPause, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ServeAsync()
    {
        var server = await link.FindServerAsync(keys.Heartbeats).ConfigureAwait(false) ?? throw new BrokerConnectionException("No server is known.");
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        lost.CancelAfter(settings.CommandTimeout);
        await using var connection = await WakeConnection.OpenAsync(server, link.Configuration!, lost.Token).ConfigureAwait(false);
        lost.CancelAfter(Timeout.InfiniteTimeSpan);
        var listening = connection.ListenAsync(Changed, lost.Token);
        _connection = connection;
        Changed(null);   // what was watched while there was no connection is asked for again
        try
        {
            while (await Task.WhenAny(listening, Task.Delay(PingInterval, lost.Token)).ConfigureAwait(false) != listening && !lost.IsCancellationRequested)
                await connection.AskAsync(lost.Token, "PING").WaitAsync(settings.CommandTimeout, lost.Token).ConfigureAwait(false);
        }
        finally
        {
            await lost.CancelAsync().ConfigureAwait(false);
            await listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Changed(string? list)
    {
        if (list is not null)
        {
            if (_watched.TryRemove(list, out var one)) one.TrySetResult();
            return;
        }

        foreach (var name in _watched.Keys)
            if (_watched.TryRemove(name, out var each)) each.TrySetResult();
    }

    private static bool IsConnectionLoss(Exception error) =>
        error is IOException or System.Net.Sockets.SocketException or TimeoutException or OperationCanceledException or ObjectDisposedException
            or InvalidDataException or System.Security.Authentication.AuthenticationException;
}
