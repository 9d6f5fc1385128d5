using Akka.Event;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.RateLimits;

namespace Dramatiq.Akka.Stages;

/// <summary>How a message came to its end.</summary>
internal enum MemberEnd
{
    Succeeded,
    Skipped,
    Failed,
}

/// <summary>Counts the end of a message in the groups that it is a part of, and fires what is due. Each step may be repeated without counting twice, so after a redelivery, or an error halfway, all of it is done again.</summary>
internal sealed class GroupProgress(IRateLimiterBackend backend, GroupFiring firing, GroupCallbacksSettings settings, ILoggingAdapter log)
{
    private const int Portion = 256;

    /// <param name="message">The message.</param>
    /// <param name="end">How it ended.</param>
    /// <param name="failure">Why it failed, where it did.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task EndAsync(Message message, MemberEnd end, GroupFailure? failure, CancellationToken cancellationToken)
    {
        var memberships = GroupMembership.AllOf(message.Options);
        foreach (var membership in memberships)
        {
            if (end is MemberEnd.Succeeded && membership.IsLast && !membership.OnCompletion.IsEmpty)
                await CompleteAsync(membership, message, cancellationToken).ConfigureAwait(false);
            if (end is MemberEnd.Failed && !membership.OnFailure.IsEmpty)
                await FailAsync(membership, message, failure, cancellationToken).ConfigureAwait(false);
        }

        // What tells of the end comes after what tells how it came about.
        foreach (var membership in memberships)
            if (!membership.OnEnd.IsEmpty && (membership.IsLast || end is not MemberEnd.Succeeded))
                await CountEndsAsync(membership, cancellationToken).ConfigureAwait(false);
    }

    private async Task CompleteAsync(GroupMembership membership, Message message, CancellationToken cancellationToken)
    {
        var arrival = await backend.ArriveAsync(membership.Id, message.MessageId, settings.BarrierTtl, cancellationToken).ConfigureAwait(false);
        if (arrival is BarrierArrival.IsLast)
            await firing.FireAsync(membership.Id, membership.OnCompletion, null, cancellationToken).ConfigureAwait(false);
        else if (arrival is BarrierArrival.Unknown)
            TellLost(membership.Id, message);
    }

    private async Task FailAsync(GroupMembership membership, Message message, GroupFailure? failure, CancellationToken cancellationToken)
    {
        var barrier = GroupKeys.Failure(membership.Id);
        await backend.AddAsync(barrier, 1, settings.BarrierTtl, cancellationToken).ConfigureAwait(false);
        if (await backend.ArriveAsync(barrier, message.MessageId, settings.BarrierTtl, cancellationToken).ConfigureAwait(false) is BarrierArrival.IsLast)
            await firing.FireAsync(barrier, membership.OnFailure, failure, cancellationToken).ConfigureAwait(false);
    }

    private async Task CountEndsAsync(GroupMembership membership, CancellationToken cancellationToken)
    {
        var barrier = GroupKeys.Ends(membership.Id);
        var isLast = false;
        for (var start = 0; start < membership.Count; start += Portion)
        {
            var arriving = new Task<BarrierArrival>[Math.Min(Portion, membership.Count - start)];
            for (var i = 0; i < arriving.Length; i++)
                arriving[i] = backend.ArriveAsync(barrier, GroupKeys.Member(membership.From + start + i), settings.BarrierTtl, cancellationToken).AsTask();
            foreach (var arrival in await Task.WhenAll(arriving).ConfigureAwait(false))
                isLast |= arrival is BarrierArrival.IsLast;
        }

        if (isLast)
            await firing.FireAsync(barrier, membership.OnEnd, null, cancellationToken).ConfigureAwait(false);
    }

    private void TellLost(string group, Message message) => log.Warning(
        "{0} {1} is the member of a group {2} whose barrier is gone: its time (dramatiq.middleware.group-callbacks.barrier-ttl, here {3}) was over, or the store has lost it. Its callbacks do not come.",
        message.ActorName, message.MessageId, group, Actors.DurationText.Of(settings.BarrierTtl));
}
