using System.Runtime.CompilerServices;
using Dramatiq.Akka.Composition;

namespace Dramatiq.Akka;

/// <summary>A pipeline under way. Reads the results of its steps, as far as they are stored: see <see cref="Pipeline.StoreResults"/>.</summary>
public sealed class PipelineRun
{
    private readonly ResultShape.Chain _shape;
    private readonly ResultReader _reader;

    internal PipelineRun(ResultShape.Chain shape, ResultReader reader)
    {
        _shape = shape;
        _reader = reader;
    }

    /// <summary>How many steps it has.</summary>
    public int Count => _shape.Steps.Count;

    /// <summary>The result of the whole: that of the last step.</summary>
    /// <typeparam name="T">What it is read as; a list where the last step is a group.</typeparam>
    /// <param name="timeout">How long to wait; null for <c>dramatiq.results.timeout</c>, zero for not at all, <see cref="Timeout.InfiniteTimeSpan"/> for without end.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ResultFailureException">A step was given up: told at once, without waiting for those that never come.</exception>
    /// <exception cref="ResultTimeoutException">It did not end in time, or the last step stores no result.</exception>
    /// <exception cref="ResultMissingException">There is no result, and the timeout is zero.</exception>
    public Task<T> GetResultAsync<T>(TimeSpan? timeout = null, CancellationToken cancellationToken = default) => ReadAsync<T>(_shape, timeout, cancellationToken);

    /// <summary>The result of one step.</summary>
    /// <typeparam name="T">What it is read as; a list where the step is a group.</typeparam>
    /// <param name="step">Which, from 0.</param>
    /// <param name="timeout">How long to wait; null for <c>dramatiq.results.timeout</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such step.</exception>
    /// <inheritdoc cref="GetResultAsync{T}" />
    public Task<T> GetStepResultAsync<T>(int step, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        if (step < 0 || step >= Count)
            throw new ArgumentOutOfRangeException(nameof(step), step, $"The pipeline has {Count} steps: give one of 0 to {Count - 1}.");

        return ReadAsync<T>(new ResultShape.Chain([.. _shape.Steps.Take(step + 1)]), timeout, cancellationToken);
    }

    /// <summary>The results of all steps, in order, each as soon as it is there.</summary>
    /// <typeparam name="T">What they are read as: <see cref="object"/> or <see cref="Messages.JsonText"/> where they differ.</typeparam>
    /// <param name="timeout">How long to wait for all of them together; null for <c>dramatiq.results.timeout</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <inheritdoc cref="GetResultAsync{T}" />
    public async IAsyncEnumerable<T> GetResultsAsync<T>(TimeSpan? timeout = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var patience = _reader.For(timeout);
        foreach (var step in _shape.Steps)
            yield return _reader.Value<T>(await _reader.WaitAsync(step, patience, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>How many steps, from the first on, have succeeded. One that stores no result hides those after it, as in Dramatiq.</summary>
    public async Task<int> CompletedCountAsync(CancellationToken cancellationToken = default)
    {
        var count = 0;
        while (count < Count && await _reader.TryGetAsync(_shape.Steps[count], cancellationToken).ConfigureAwait(false) is { Failure: null })
            count++;
        return count;
    }

    /// <summary>Whether it has ended: the result of the last step is there, or a step was given up.</summary>
    public async Task<bool> HasEndedAsync(CancellationToken cancellationToken = default) =>
        await _reader.TryGetAsync(_shape, cancellationToken).ConfigureAwait(false) is not null;

    private async Task<T> ReadAsync<T>(ResultShape shape, TimeSpan? timeout, CancellationToken cancellationToken) =>
        _reader.Value<T>(await _reader.WaitAsync(shape, _reader.For(timeout), cancellationToken).ConfigureAwait(false));
}
