using Dramatiq.Akka.Messages;
using StackExchange.Redis;

namespace Dramatiq.Akka.Brokers.Redis;

/// <summary>Writes a batch: one command for each queue and delay queue in it, sent together.</summary>
internal sealed class PublicationBatch(IReadOnlyList<Publication> batch, Func<string, bool> isKnown, Func<string, Exception> notFound)
{
    private Exception?[]? _failures;

    public async ValueTask<PublishOutcome> WriteAsync(RedisParts parts, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var write = IsUniform() ? WriteUniformAsync(parts) : WriteGroupsAsync(parts);
        await (cancellationToken.CanBeCanceled && !write.IsCompleted ? write.WaitAsync(cancellationToken) : write).ConfigureAwait(false);
        return _failures is null ? PublishOutcome.Confirmed : PublishOutcome.Failed(_failures);
    }

    /// <summary>Almost every batch: messages to one queue, due now.</summary>
    private bool IsUniform()
    {
        if (batch.Count == 0) return false;
        var queue = batch[0].Message.QueueName;
        for (var i = 0; i < batch.Count; i++)
            if (batch[i].Eta is not null || batch[i].Message.QueueName != queue) return false;
        return isKnown(queue);
    }

    private Task WriteUniformAsync(RedisParts parts)
    {
        var args = new RedisValue[2 * batch.Count];
        for (var i = 0; i < batch.Count; i++) (args[2 * i], args[2 * i + 1]) = Stamped(batch[i]);
        return WriteAsync(parts, batch[0].Message.QueueName, delayed: false, args);
    }

    private Task WriteGroupsAsync(RedisParts parts)
    {
        var groups = new Dictionary<(string Queue, bool Delayed), List<RedisValue>>();
        for (var i = 0; i < batch.Count; i++)
        {
            var queue = batch[i].Message.QueueName;
            if (!isKnown(queue))
            {
                (_failures ??= new Exception?[batch.Count])[i] = notFound(queue);
                continue;
            }

            var eta = batch[i].Eta;
            var place = (eta is null ? queue : QueueName.Delay(queue), eta is not null);
            if (!groups.TryGetValue(place, out var args)) groups.Add(place, args = []);
            var (id, body) = Stamped(batch[i]);
            args.Add(id);
            args.Add(body);
            if (eta is { } due) args.Add(due);
        }

        return Task.WhenAll(groups.Select(group => WriteAsync(parts, group.Key.Queue, group.Key.Delayed, [.. group.Value])));
    }

    private static async Task WriteAsync(RedisParts parts, string queue, bool delayed, RedisValue[] args)
    {
        var keys = parts.Keys;
        RedisKey[] touched = delayed ? [keys.Ids(queue), keys.Bodies(queue), keys.Etas(queue)] : [keys.Ids(queue), keys.Bodies(queue)];
        var writing = parts.Link.RunAsync(delayed ? RedisScript.Delay : RedisScript.Enqueue, touched, args);
        if (!delayed) parts.WakeUps.Sent(touched[0]);
        await writing.ConfigureAwait(false);
    }

    /// <summary>The message under a fresh id, which Python's worker needs to find in it.</summary>
    private static (RedisValue Id, RedisValue Body) Stamped(Publication publication)
    {
        var id = Guid.NewGuid().ToString();
        var message = publication.Message.With(options: publication.Message.Options.With(OptionNames.RedisMessageId, id));
        return (id, new Publication(message, publication.Eta).OnTheWire().Encode());
    }
}
