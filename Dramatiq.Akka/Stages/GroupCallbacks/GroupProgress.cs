using System.Runtime.ExceptionServices;
using Akka.Event;
using Dramatiq.Akka.Brokers;
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
        var steps = new List<Func<Task>>();
        foreach (var membership in memberships)
        {
            if (end is MemberEnd.Succeeded && membership.IsLast && !membership.OnCompletion.IsEmpty)
                steps.Add(() => CompleteAsync(membership, message, cancellationToken));
            if (end is MemberEnd.Failed && !membership.OnFailure.IsEmpty)
                steps.Add(() => firing.FireAsync(GroupKeys.Failure(membership.Id), membership.OnFailure, failure, cancellationToken));
        }

        // What tells of the end comes after what tells how it came about.
        foreach (var membership in memberships)
            if (!membership.OnEnd.IsEmpty && (membership.IsLast || end is not MemberEnd.Succeeded))
                steps.Add(() => CountEndsAsync(membership, message, cancellationToken));

        await AllAsync(steps).ConfigureAwait(false);
    }

    /// <summary>One after the other. What one of them is refused is no reason to keep the others from those they tell.</summary>
    private static async Task AllAsync(List<Func<Task>> steps)
    {
        ExceptionDispatchInfo? refused = null;
        foreach (var step in steps)
        {
            try
            {
                await step().ConfigureAwait(false);
            }
            catch (Exception error) when (error is BrokerException { IsTransient: false } or EnqueueFailedException { IsRefusal: true })
            {
                refused ??= ExceptionDispatchInfo.Capture(error);
            }
        }

        refused?.Throw();
    }

    private async Task CompleteAsync(GroupMembership membership, Message message, CancellationToken cancellationToken)
    {
        var arrival = await backend.ArriveAsync(membership.Id, message.MessageId, settings.BarrierTtl, cancellationToken).ConfigureAwait(false);
        if (arrival is BarrierArrival.IsLast)
            await firing.FireAsync(membership.Id, membership.OnCompletion, null, cancellationToken).ConfigureAwait(false);
        else if (arrival is BarrierArrival.Unknown)
            TellLost(membership.Id, message);
    }

    private async Task CountEndsAsync(GroupMembership membership, Message message, CancellationToken cancellationToken)
    {
        var barrier = GroupKeys.Ends(membership.Id);
        var (isLast, isLost) = (false, false);
        for (var start = 0; start < membership.Count; start += Portion)
        {
            var arriving = new Task<BarrierArrival>[Math.Min(Portion, membership.Count - start)];
            for (var i = 0; i < arriving.Length; i++)
                arriving[i] = backend.ArriveAsync(barrier, GroupKeys.Member(membership.From + start + i), settings.BarrierTtl, cancellationToken).AsTask();
            foreach (var arrival in await Task.WhenAll(arriving).ConfigureAwait(false))
                (isLast, isLost) = (isLast || arrival is BarrierArrival.IsLast, isLost || arrival is BarrierArrival.Unknown);
        }

        if (isLast)
            await firing.FireAsync(barrier, membership.OnEnd, null, cancellationToken).ConfigureAwait(false);
        else if (isLost)
            TellLost(membership.Id, message);
    }

    private void TellLost(string group, Message message) => log.Warning(
        "{0} {1} is the member of a group {2} whose barrier is gone: its time (dramatiq.middleware.group-callbacks.barrier-ttl, here {3}) was over, or the store has lost it. Its callbacks do not come.",
        message.ActorName, message.MessageId, group, Actors.DurationText.Of(settings.BarrierTtl));
}
