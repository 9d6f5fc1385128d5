using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Results;

/// <summary>Reads from the backend of one actor system.</summary>
internal sealed class TaskResults(IResultBackend? backend, TimeSpan defaultTimeout, WireJson json, TimeProvider time, Func<ResultKey, string?> hint) : ITaskResults
{
    public async Task<TaskResult> WaitAsync(ResultKey key, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var patience = timeout ?? defaultTimeout;
        if (patience == TimeSpan.Zero)
            return await TryGetAsync(key, cancellationToken).ConfigureAwait(false) ?? throw new ResultMissingException(key);

        var store = Backend();
        if (patience == Timeout.InfiniteTimeSpan)
            return new TaskResult(key, await store.WaitAsync(key, cancellationToken).ConfigureAwait(false), json);

        ArgumentOutOfRangeException.ThrowIfLessThan(patience, TimeSpan.Zero, nameof(timeout));
        using var limit = new CancellationTokenSource(patience, time);
        using var linked = cancellationToken.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken) : null;
        try
        {
            return new TaskResult(key, await store.WaitAsync(key, (linked ?? limit).Token).ConfigureAwait(false), json);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ResultTimeoutException(key, patience, hint(key));
        }
    }

    public async ValueTask<TaskResult?> TryGetAsync(ResultKey key, CancellationToken cancellationToken = default) =>
        await Backend().FindAsync(key, cancellationToken).ConfigureAwait(false) is { } stored ? new TaskResult(key, stored, json) : null;

    private IResultBackend Backend() => backend
        ?? throw new DeclarationException("No store of results is named for this actor system. Call WithInMemoryResults() or WithRedisResults() beside WithDramatiq(…).");
}
