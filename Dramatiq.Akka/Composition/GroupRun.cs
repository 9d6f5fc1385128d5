using System.Runtime.CompilerServices;
using Dramatiq.Akka.Composition;

namespace Dramatiq.Akka;

/// <summary>A group under way. Reads the results of its members, as far as they are stored: see <see cref="Group.StoreResults"/>.</summary>
public sealed class GroupRun
{
    private readonly ResultShape.Many _shape;
    private readonly ResultReader _reader;

    internal GroupRun(ResultShape.Many shape, ResultReader reader)
    {
        _shape = shape;
        _reader = reader;
    }

    /// <summary>How many members it has.</summary>
    public int Count => _shape.Members.Count;

    /// <summary>The results of all members, in the order of the group, each as soon as it and those before it are there.</summary>
    /// <typeparam name="T">What they are read as: <see cref="object"/> or <see cref="Messages.JsonText"/> where they differ. A member that is a group has a list.</typeparam>
    /// <param name="timeout">How long to wait for all of them together; null for <c>dramatiq.results.timeout</c>, <see cref="Timeout.InfiniteTimeSpan"/> for without end.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ResultFailureException">This member was given up.</exception>
    /// <exception cref="ResultTimeoutException">One did not end in time, or stores no result.</exception>
    public async IAsyncEnumerable<T> GetResultsAsync<T>(TimeSpan? timeout = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var patience = _reader.For(timeout);
        foreach (var member in _shape.Members)
            yield return _reader.Value<T>(await _reader.WaitAsync(member, patience, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>The results of all members as they end, with the failures among them.</summary>
    /// <inheritdoc cref="GetResultsAsync{T}" />
    public async IAsyncEnumerable<MemberResult<T>> GetResultsAsEndedAsync<T>(TimeSpan? timeout = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var patience = _reader.For(timeout);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var waiting = new Task<(int Index, Ending Ending)>[Count];
            for (var i = 0; i < waiting.Length; i++)
                waiting[i] = EndAsync(i, patience, over.Token);
            await foreach (var ended in Task.WhenEach(waiting).ConfigureAwait(false))
            {
                var (index, ending) = await ended.ConfigureAwait(false);
                yield return new MemberResult<T>(index, ending.Failure is null ? _reader.Value<T>(ending) : default, ending.Failure);
            }
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Waits until every member has ended, with a value or a failure; a member that is a group, until all of its own have.</summary>
    /// <param name="timeout">How long; null for <c>dramatiq.results.timeout</c>, <see cref="Timeout.InfiniteTimeSpan"/> for without end.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ResultTimeoutException">One did not end in time, or stores no result.</exception>
    public async Task WaitAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var patience = _reader.For(timeout);
        foreach (var member in _shape.Members)
            await _reader.WaitForWholeAsync(member, patience, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>How many members have ended, with a value or a failure. Those that store no result do not count, as in Dramatiq; a member that is a group counts when all of its own have ended.</summary>
    public async Task<int> CompletedCountAsync(CancellationToken cancellationToken = default)
    {
        var count = 0;
        foreach (var member in _shape.Members)
            if (await _reader.TryGetWholeAsync(member, cancellationToken).ConfigureAwait(false) is not null)
                count++;
        return count;
    }

    private async Task<(int Index, Ending Ending)> EndAsync(int index, Patience patience, CancellationToken cancellationToken) =>
        (index, await _reader.WaitAsync(_shape.Members[index], patience, cancellationToken).ConfigureAwait(false));
}

/// <summary>How one member of a group ended.</summary>
/// <typeparam name="T">What its value is read as.</typeparam>
/// <param name="Index">Which, from 0, in the order of the group.</param>
/// <param name="Value">What it returned; the default where it failed.</param>
/// <param name="Failure">Why it was given up; null where it succeeded.</param>
public sealed record MemberResult<T>(int Index, T? Value, ResultFailureException? Failure)
{
    /// <summary>Whether there is a value.</summary>
    public bool IsSuccess => Failure is null;
}
