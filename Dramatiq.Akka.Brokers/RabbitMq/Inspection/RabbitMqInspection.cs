using System.Collections.Concurrent;
using Dramatiq.Akka.Brokers.RabbitMq.Consuming;
using Dramatiq.Akka.Brokers.RabbitMq.Delays;
using RabbitMQ.Client;

namespace Dramatiq.Akka.Brokers.RabbitMq.Inspection;

/// <summary>Answers what queues hold, as far as RabbitMQ tells, or as can be seen from their heads.</summary>
/// <param name="looks">How it looks.</param>
/// <param name="consumers">This process's.</param>
/// <param name="settings">How far it looks.</param>
/// <param name="time">How long.</param>
internal sealed class RabbitMqInspection(Looks looks, ConcurrentDictionary<RabbitMqConsumer, byte> consumers, RabbitMqSettings settings, TimeProvider time)
{
    /// <summary>A patience of this is as good as none at all, and within what a timer can take.</summary>
    private static readonly TimeSpan Endless = TimeSpan.FromDays(1);

    public async ValueTask<QueueStats> GetStatsAsync(string queue, CancellationToken cancellationToken)
    {
        var canonical = QueueName.Canonical(queue);
        var (stats, waiting, held) = await looks.AtAsync(canonical, head => CountAsync(head, canonical, cancellationToken), cancellationToken).ConfigureAwait(false);
        // What another process's consumer of the delay queue holds is most of what is delayed: without it, the sum would mislead.
        return held is { } there ? stats with { Delayed = waiting + there + await InLadderAsync(canonical, cancellationToken).ConfigureAwait(false) } : stats;
    }

    public async ValueTask<PeekedPage> PeekAsync(string queue, PeekRequest request, CancellationToken cancellationToken)
    {
        var page = new PageReading(request, ids: null, byKey: false, settings.Looks, time);
        var reading = ReadPageAsync(queue, page, request.Offset, cancellationToken);
        if (request.LookFor is not { } patience || patience >= Endless || reading.IsCompleted)
            return await reading.ConfigureAwait(false);

        var (read, over) = (reading.AsTask(), CancellationTokenSource.CreateLinkedTokenSource(cancellationToken));
        using (over)
        {
            await Task.WhenAny(read, page.OverdueAsync(patience * 2, over.Token)).ConfigureAwait(false);
            await over.CancelAsync().ConfigureAwait(false);
        }

        if (read.IsCompleted || cancellationToken.IsCancellationRequested)
            return await read.ConfigureAwait(false);

        // The look ends by itself, and puts back what it holds: RabbitMQ does it where that fails.
        _ = read.ContinueWith(static failed => _ = failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return page.Page(isEnd: false);
    }

    public ValueTask<PeekedPage> FindAsync(string queue, string id, CancellationToken cancellationToken) =>
        ReadPageAsync(queue, new PageReading(new PeekRequest(0, 1) { LookAtMost = settings.Looks }, new MessageIds([id]), LookedAt.IsKey(id), settings.Looks, time), 0, cancellationToken);

    private async ValueTask<PeekedPage> ReadPageAsync(string queue, PageReading page, long offset, CancellationToken cancellationToken)
    {
        await looks.CheckAsync(queue, cancellationToken).ConfigureAwait(false);
        if (offset >= settings.Looks && !QueueName.IsDelay(queue) && await IsDeeperAsync(queue, cancellationToken).ConfigureAwait(false))
            return new PeekedPage([], 0, IsComplete: false);

        var isEnd = await ReadAsync(page, queue, queue, cancellationToken).ConfigureAwait(false);
        if (!QueueName.IsDelay(queue))
            return page.Page(isEnd);

        var canonical = QueueName.Canonical(queue);
        foreach (var (level, _) in isEnd ? await looks.LevelsInUseAsync(cancellationToken).ConfigureAwait(false) : [])
            isEnd = isEnd && await ReadAsync(page, level, canonical, cancellationToken).ConfigureAwait(false);
        // What consumers hold until its eta cannot be seen.
        return page.Page(isEnd && await HeldAsync(queue, cancellationToken).ConfigureAwait(false) == 0);
    }

    /// <summary>How many messages consumers hold of a queue; null when other processes consume it too, who do not say.</summary>
    public async ValueTask<long?> HeldAsync(string queue, CancellationToken cancellationToken) =>
        HeldHere(await looks.AskAsync(queue, channel => channel.QueueDeclarePassiveAsync(queue, cancellationToken), cancellationToken).ConfigureAwait(false));

    /// <summary>Whether it holds more than one look may: its end cannot be seen then, and to take the head would show nothing of what is behind it.</summary>
    private async Task<bool> IsDeeperAsync(string queue, CancellationToken cancellationToken) =>
        (await looks.AskAsync(queue, channel => channel.QueueDeclarePassiveAsync(queue, cancellationToken), cancellationToken).ConfigureAwait(false)).MessageCount > settings.Looks;

    /// <summary>Whether it saw the end.</summary>
    private Task<bool> ReadAsync(PageReading page, string queue, string owner, CancellationToken cancellationToken) => looks.AtAsync(queue, async head =>
    {
        // Of a level's messages only some are the owner's.
        var isLevel = DelayLadder.IsLevel(queue);
        Action<LookedAt> visit = isLevel ? message => VisitIfOf(owner, page, message) : page.Visit;
        var (isEnd, taken) = await head.TakeAsync(isLevel ? page.MayHold : page.Lacks, visit, () => page.IsEnough, cancellationToken).ConfigureAwait(false);
        page.Held(taken);
        return isEnd;
    }, cancellationToken);

    private static void VisitIfOf(string owner, PageReading page, LookedAt message)
    {
        if (DelayLadder.IsFor(message.RoutingKey, owner))
            page.Visit(message);
    }

    private async Task<(QueueStats Stats, uint Waiting, long? HeldUntilDue)> CountAsync(QueueHead head, string queue, CancellationToken cancellationToken)
    {
        var main = await head.Channel.QueueDeclarePassiveAsync(queue, cancellationToken).ConfigureAwait(false);
        var delay = await head.Channel.QueueDeclarePassiveAsync(QueueName.Delay(queue), cancellationToken).ConfigureAwait(false);
        var dead = await head.Channel.QueueDeclarePassiveAsync(QueueName.Dead(queue), cancellationToken).ConfigureAwait(false);
        DateTimeOffset? oldest = null;
        // RabbitMQ counts a look at a quorum queue as a delivery, and its delivery limit would in time bury what is merely counted.
        if (main.MessageCount > 0 && !settings.IsQuorum)
            await head.TakeAsync(1, message => oldest = MessageIds.MadeAt(message.Body.ToArray()), static () => false, cancellationToken).ConfigureAwait(false);
        return (new QueueStats(queue, main.MessageCount, null, HeldHere(main), dead.MessageCount, oldest), delay.MessageCount, HeldHere(delay));
    }

    /// <summary>How many of the delayed messages are the queue's; null when they are too many to look at.</summary>
    private async Task<long?> InLadderAsync(string queue, CancellationToken cancellationToken)
    {
        var levels = await looks.LevelsInUseAsync(cancellationToken).ConfigureAwait(false);
        if (levels.Sum(static level => level.Count) > settings.Looks)
            return null;

        var count = 0L;
        foreach (var (level, _) in levels)
        {
            var page = new PageReading(new PeekRequest(settings.Looks, 0), ids: null, byKey: false, settings.Looks, time);
            await ReadAsync(page, level, queue, cancellationToken).ConfigureAwait(false);
            count += page.Passed;
        }

        return count;
    }

    /// <summary>How many messages this process holds of a queue; null when others consume it too, who do not say.</summary>
    private long? HeldHere(QueueDeclareOk queue)
    {
        var (ours, held) = (0u, 0L);
        foreach (var consumer in consumers.Keys)
        {
            if (consumer.Queue != queue.QueueName)
                continue;
            ours++;
            held += consumer.HeldCount;
        }

        return queue.ConsumerCount <= ours ? held : null;
    }
}
