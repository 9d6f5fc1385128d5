namespace Dramatiq.Akka.Results;

/// <summary>
/// Where results are stored: the JSON of a value, or of a failure as Python's Dramatiq writes it, under a key, for a time. Several processes, Python's too, may share one.
/// </summary>
/// <remarks>
/// A store that cannot be reached throws a <see cref="Brokers.BrokerConnectionException"/>, and may be asked again. An implementation is safe to call from several threads at once.
/// </remarks>
public interface IResultBackend : IAsyncDisposable
{
    /// <summary>Stores a result in place of an earlier one, and tells those who wait for it.</summary>
    /// <param name="key">Which.</param>
    /// <param name="json">The value, or the failure.</param>
    /// <param name="ttl">How long it is kept; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <param name="cancellationToken">Ends the wait; it may be stored all the same.</param>
    ValueTask StoreAsync(ResultKey key, ReadOnlyMemory<byte> json, TimeSpan ttl, CancellationToken cancellationToken);

    /// <summary>Stores several, and completes when all are stored. Workers store through this. A failure says nothing of any of them: they may be stored again.</summary>
    /// <param name="results">Which. The list belongs to the caller and is left alone until completion.</param>
    /// <param name="cancellationToken">Ends the wait; they may be stored all the same.</param>
    /// <remarks>Default: one after the other. Where a call to the store costs a round trip, all should go in one.</remarks>
    async ValueTask StoreManyAsync(IReadOnlyList<ResultToStore> results, CancellationToken cancellationToken)
    {
        for (var i = 0; i < results.Count; i++)
            await StoreAsync(results[i].Key, results[i].Json, results[i].Ttl, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The result as it is stored; null where there is none, be it that it was never stored or that its time is over.</summary>
    ValueTask<ReadOnlyMemory<byte>?> FindAsync(ResultKey key, CancellationToken cancellationToken);

    /// <summary>The result, as soon as there is one. Any number may wait in one process: they share one connection, and nobody polls where the store can tell of changes.</summary>
    /// <param name="key">Which.</param>
    /// <param name="cancellationToken">Ends the wait, which goes on through a lost connection.</param>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    /// <exception cref="ObjectDisposedException">The backend is closed, or was while the wait went on.</exception>
    Task<ReadOnlyMemory<byte>> WaitAsync(ResultKey key, CancellationToken cancellationToken);
}

/// <summary>One of several results to store; see <see cref="IResultBackend.StoreManyAsync"/>.</summary>
/// <param name="Key">Which.</param>
/// <param name="Json">The value, or the failure.</param>
/// <param name="Ttl">How long it is kept; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
public readonly record struct ResultToStore(ResultKey Key, ReadOnlyMemory<byte> Json, TimeSpan Ttl);
