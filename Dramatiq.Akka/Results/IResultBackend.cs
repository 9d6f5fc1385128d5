namespace Dramatiq.Akka.Results;

/// <summary>
/// Where results are stored: the JSON of a value, or of a failure as Python's Dramatiq writes it, under a key, for a time. Several processes, Python's too, may share one.
/// </summary>
/// <remarks>A store that cannot be reached throws a <see cref="Brokers.BrokerConnectionException"/>, and may be asked again.</remarks>
public interface IResultBackend : IAsyncDisposable
{
    /// <summary>Stores a result in place of an earlier one, and tells those who wait for it.</summary>
    /// <param name="key">Which.</param>
    /// <param name="json">The value, or the failure.</param>
    /// <param name="ttl">How long it is kept.</param>
    /// <param name="cancellationToken">Ends the wait; it may be stored all the same.</param>
    ValueTask StoreAsync(ResultKey key, ReadOnlyMemory<byte> json, TimeSpan ttl, CancellationToken cancellationToken);

    /// <summary>The result as it is stored; null where there is none, be it that it was never stored or that its time is over.</summary>
    ValueTask<ReadOnlyMemory<byte>?> FindAsync(ResultKey key, CancellationToken cancellationToken);

    /// <summary>The result, as soon as there is one. Any number may wait in one process: they share one connection, and nobody polls where the store can tell of changes.</summary>
    /// <param name="key">Which.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    Task<ReadOnlyMemory<byte>> WaitAsync(ResultKey key, CancellationToken cancellationToken);
}
