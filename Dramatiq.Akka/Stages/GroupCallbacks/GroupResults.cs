using Dramatiq.Akka.Composition;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Results;

namespace Dramatiq.Akka.Stages;

/// <summary>
/// Gives a message the results that it asks for in <c>group_results</c>, as its last argument. Whoever completes the group does, so that the message may go anywhere; where that was Python, which knows
/// nothing of it, whoever runs the message.
/// </summary>
internal sealed class GroupResults(IResultBackend backend, GroupCallbacksSettings settings, TimeProvider time)
{
    private const int Portion = 256;

    /// <summary>The message with the results, or as it was where one is missing.</summary>
    public async Task<Message> TryFillAsync(Message message, CancellationToken cancellationToken)
    {
        try
        {
            return await FillAsync(message, cancellationToken).ConfigureAwait(false);
        }
        catch (GroupResultMissingException)
        {
            return message;   // whoever runs it says so, and may try again
        }
    }

    /// <summary>The message with the results; as it is where it asks for none.</summary>
    /// <exception cref="GroupResultMissingException">One is not there, nor comes for a while.</exception>
    /// <exception cref="DecodeException">What it asks for cannot be read.</exception>
    public async Task<Message> FillAsync(Message message, CancellationToken cancellationToken)
    {
        if (!message.Options.TryGetRaw(OptionNames.GroupResults, out var wanted))
            return message;

        // Python may fire a group before it has stored the last result.
        using var patience = new CancellationTokenSource(settings.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var list = new WireWriter();
        var shape = WantedResults.Read(wanted.Span);
        var found = await FindAsync(shape, either.Token, patience.Token).ConfigureAwait(false);
        var next = 0;
        Write(list, shape, found, ref next);
        return message.With(options: message.Options.Without(OptionNames.GroupResults), args: PipedArguments.WithLast(message.Args.Span, list.Written));
    }

    private static void Write(WireWriter list, ResultShape.Many shape, ReadOnlyMemory<byte>[] found, ref int next)
    {
        list.WriteStartArray();
        foreach (var member in shape.Members)
        {
            if (member is ResultShape.Many inner)
                Write(list, inner, found, ref next);
            else
                list.WriteRaw(found[next++].Span);
        }

        list.WriteEndArray();
    }

    private static void AddKeys(ResultShape.Many shape, List<ResultKey> keys)
    {
        foreach (var member in shape.Members)
        {
            if (member is ResultShape.Many inner)
                AddKeys(inner, keys);
            else
                keys.Add(((ResultShape.One)member).Key);
        }
    }

    private async Task<ReadOnlyMemory<byte>[]> FindAsync(ResultShape.Many shape, CancellationToken cancellationToken, CancellationToken patience)
    {
        var keys = new List<ResultKey>();
        AddKeys(shape, keys);
        var found = new ReadOnlyMemory<byte>[keys.Count];
        for (var start = 0; start < keys.Count; start += Portion)
        {
            var finding = new Task<ReadOnlyMemory<byte>>[Math.Min(Portion, keys.Count - start)];
            for (var i = 0; i < finding.Length; i++)
                finding[i] = FindAsync(keys[start + i], cancellationToken, patience);
            (await Task.WhenAll(finding).ConfigureAwait(false)).CopyTo(found, start);
        }

        return found;
    }

    private async Task<ReadOnlyMemory<byte>> FindAsync(ResultKey key, CancellationToken cancellationToken, CancellationToken patience)
    {
        try
        {
            var json = await backend.FindAsync(key, cancellationToken).ConfigureAwait(false) ?? await backend.WaitAsync(key, cancellationToken).ConfigureAwait(false);
            return FailureJson.TryRead(json.Span, out var type, out var message)
                ? throw new GroupResultMissingException(key, $"is a failure, {type}: {message}")
                : json;
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            throw new GroupResultMissingException(key, $"is not there, and did not come within {Actors.DurationText.Of(settings.Timeout)}: it was not stored, or not kept until now");
        }
    }
}
