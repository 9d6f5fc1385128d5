using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Results;

namespace Dramatiq.Akka.Composition;

/// <summary>Reads the results of something composed, as one value or its failure.</summary>
internal sealed class ResultReader(ITaskResults results, WireJson json, TimeSpan defaultTimeout, TimeProvider time)
{
    public Patience For(TimeSpan? timeout) => new(timeout ?? defaultTimeout, time);

    public T Value<T>(Ending ending) => ending.Failure is { } failure
        ? throw new ResultFailureException(failure.Key, failure.ErrorType, failure.ErrorMessage)
        : json.Read<T>(ending.Json.Span)!;

    /// <summary>How it ended, as soon as it has. What fails is over at once, whatever else of it still runs.</summary>
    /// <exception cref="ResultTimeoutException">It has not ended in time.</exception>
    /// <exception cref="ResultMissingException">It has not ended, and there is no time to wait.</exception>
    public Task<Ending> WaitAsync(ResultShape shape, Patience patience, CancellationToken cancellationToken) => WaitAsync(shape, isWhole: false, patience, cancellationToken);

    /// <summary>The same, but a group is over when all of its members are.</summary>
    public Task<Ending> WaitForWholeAsync(ResultShape shape, Patience patience, CancellationToken cancellationToken) => WaitAsync(shape, isWhole: true, patience, cancellationToken);

    /// <summary>How it ended; null as long as it has not. What fails is over at once.</summary>
    public ValueTask<Ending?> TryGetAsync(ResultShape shape, CancellationToken cancellationToken) => TryGetAsync(shape, isWhole: false, cancellationToken);

    /// <summary>The same, but a group is over when all of its members are.</summary>
    public ValueTask<Ending?> TryGetWholeAsync(ResultShape shape, CancellationToken cancellationToken) => TryGetAsync(shape, isWhole: true, cancellationToken);

    private Task<Ending> WaitAsync(ResultShape shape, bool isWhole, Patience patience, CancellationToken cancellationToken) => shape switch
    {
        _ when patience.IsNone => GetNowAsync(shape, isWhole, cancellationToken),
        ResultShape.One one => WaitForOneAsync(one, patience, cancellationToken),
        ResultShape.Chain { Steps: [var only] } => WaitAsync(only, isWhole, patience, cancellationToken),
        ResultShape.Chain chain => WaitForChainAsync(chain.Steps, isWhole, patience, cancellationToken),
        _ => WaitForAllAsync(((ResultShape.Many)shape).Members, isWhole, patience, cancellationToken),
    };

    private async Task<Ending> GetNowAsync(ResultShape shape, bool isWhole, CancellationToken cancellationToken) =>
        await TryGetAsync(shape, isWhole, cancellationToken).ConfigureAwait(false)
        ?? throw new ResultMissingException(await MissingAsync(shape, isWhole, cancellationToken).ConfigureAwait(false));

    private async ValueTask<Ending?> TryGetAsync(ResultShape shape, bool isWhole, CancellationToken cancellationToken)
    {
        switch (shape)
        {
            case ResultShape.One one:
                return await results.TryGetAsync(one.Key, cancellationToken).ConfigureAwait(false) is { } result ? Ending.Of(result) : null;

            case ResultShape.Chain { Steps: var steps }:
                if (await TryGetAsync(steps[^1], isWhole, cancellationToken).ConfigureAwait(false) is { } last)
                    return last;
                for (var i = 0; i < steps.Count - 1; i++)
                    if (await TryGetAsync(steps[i], isWhole, cancellationToken).ConfigureAwait(false) is { Failure: not null } failed)
                        return failed;
                return null;

            default:
                var members = ((ResultShape.Many)shape).Members;
                var endings = new Ending[members.Count];
                var isOver = true;
                for (var i = 0; i < endings.Length && (isOver || !isWhole); i++)
                {
                    var ending = await TryGetAsync(members[i], isWhole, cancellationToken).ConfigureAwait(false);
                    if (ending is { Failure: not null } && !isWhole)
                        return ending;
                    isOver &= ending is not null;
                    endings[i] = ending ?? default;
                }

                return isOver ? ListOf(endings) : null;
        }
    }

    /// <summary>The first of what is not there yet.</summary>
    private async ValueTask<ResultKey> MissingAsync(ResultShape shape, bool isWhole, CancellationToken cancellationToken)
    {
        while (shape.Valued is ResultShape.Many { Members: var members })
        {
            var missing = 0;
            while (missing < members.Count - 1 && await TryGetAsync(members[missing], isWhole, cancellationToken).ConfigureAwait(false) is not null)
                missing++;
            shape = members[missing];
        }

        return ((ResultShape.One)shape.Valued).Key;
    }

    private static Ending ListOf(Ending[] endings)
    {
        var list = new WireWriter();
        list.WriteStartArray();
        foreach (var ending in endings)
        {
            if (ending.Failure is not null)
                return ending;
            list.WriteRaw(ending.Json.Span);
        }

        list.WriteEndArray();
        return new Ending(list.ToArray(), null);
    }

    private async Task<Ending> WaitForOneAsync(ResultShape.One one, Patience patience, CancellationToken cancellationToken) =>
        Ending.Of(await results.WaitAsync(one.Key, patience.Left, cancellationToken).ConfigureAwait(false));

    /// <summary>The last step's, unless one before fails, after which the last never comes.</summary>
    private async Task<Ending> WaitForChainAsync(IReadOnlyList<ResultShape> steps, bool isWhole, Patience patience, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var last = WaitAsync(steps[^1], isWhole, patience, over.Token);
            var failing = FirstFailureAsync(steps, isWhole, patience, over.Token);
            if (await Task.WhenAny(last, failing).ConfigureAwait(false) == failing && await failing.ConfigureAwait(false) is { } failed)
                return failed;
            return await last.ConfigureAwait(false);
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task<Ending?> FirstFailureAsync(IReadOnlyList<ResultShape> steps, bool isWhole, Patience patience, CancellationToken cancellationToken)
    {
        var waiting = new Task<Ending>[steps.Count - 1];
        for (var i = 0; i < waiting.Length; i++)
            waiting[i] = WaitAsync(steps[i], isWhole, patience, cancellationToken);
        await foreach (var ended in Task.WhenEach(waiting).ConfigureAwait(false))
        {
            try
            {
                if (await ended.ConfigureAwait(false) is { Failure: not null } failed)
                    return failed;
            }
            catch (Exception error) when (error is ResultException or OperationCanceledException)
            {
                // A step that stores nothing says nothing.
            }
        }

        return null;
    }

    private async Task<Ending> WaitForAllAsync(IReadOnlyList<ResultShape> members, bool isWhole, Patience patience, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var waiting = new Task<Ending>[members.Count];
            for (var i = 0; i < waiting.Length; i++)
                waiting[i] = WaitAsync(members[i], isWhole, patience, over.Token);
            await foreach (var ended in Task.WhenEach(waiting).ConfigureAwait(false))
                if (await ended.ConfigureAwait(false) is { Failure: not null } failed && !isWhole)
                    return failed;
            return ListOf(await Task.WhenAll(waiting).ConfigureAwait(false));
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
        }
    }
}

/// <summary>How something composed has ended: with JSON, or a failure.</summary>
internal readonly record struct Ending(ReadOnlyMemory<byte> Json, ResultFailureException? Failure)
{
    public static Ending Of(TaskResult result) => result.Failure is { } failure ? new Ending(default, failure) : new Ending(result.Json.Utf8, null);
}

/// <summary>Until when to wait, for all parts together.</summary>
internal sealed class Patience(TimeSpan timeout, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    /// <summary>Whether there is no waiting.</summary>
    public bool IsNone => timeout == TimeSpan.Zero;

    /// <summary>What is left of it: never nothing, since that would mean not to wait.</summary>
    public TimeSpan Left => timeout == Timeout.InfiniteTimeSpan || timeout == TimeSpan.Zero ? timeout
        : timeout - time.GetElapsedTime(_start) is { TotalMilliseconds: > 1 } left ? left : TimeSpan.FromMilliseconds(1);
}
