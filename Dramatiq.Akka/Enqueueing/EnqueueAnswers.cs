using System.Runtime.InteropServices;
using Akka.Event;
using Dramatiq.Akka.Actors;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Enqueueing;

/// <summary>Every message that the gateway has taken and not answered for: how many there may be, the one answer that each gets, and who waits for the last.</summary>
internal sealed class EnqueueAnswers(GatewaySettings settings, EnqueueStageChain stages, EventStream? announced, ILoggingAdapter log)
{
    private readonly List<IActorRef> _drainers = [];
    private readonly Dictionary<string, long> _enqueued = new(StringComparer.Ordinal);
    private long _failed;
    private int _open;
    private int _pending;
    private long _pendingBytes;

    public bool AnyOpen => _open > 0;

    public GatewayProtocol.Snapshot Snapshot() => new(_pending, _pendingBytes, new Dictionary<string, long>(_enqueued, StringComparer.Ordinal), _failed);

    /// <summary>Counts a message in.</summary>
    /// <returns>Whether there is room for it; else it has been failed.</returns>
    public bool Open(EnqueueContext context)
    {
        _open++;
        if (!context.Reply.IsBounded)
            return true;

        _pending++;
        _pendingBytes += context.Size;
        if (_pending <= settings.MaxPending && _pendingBytes <= settings.MaxPendingBytes)
            return true;

        Fail(context, $"{_pending - 1} messages ({(_pendingBytes - context.Size) / 1024} KiB) wait for the broker already, and the limit is {settings.MaxPending} ({settings.MaxPendingBytes / 1024} KiB): see dramatiq.gateway.max-pending. Await confirmations to send no faster than the broker takes", null);
        return false;
    }

    public void Confirm(EnqueueContext context)
    {
        if (!Close(context))
            return;

        CollectionsMarshal.GetValueRefOrAddDefault(_enqueued, context.Message.QueueName, out _)++;
        announced?.Publish(new LifeSignals.Enqueued(context.Message, context.Eta));
        context.Reply.Confirmed(context);
        stages.AfterEnqueue(context);
    }

    /// <summary>The broker does not want it.</summary>
    public void FailRefused(EnqueueContext context, Exception error) => Fail(context, $"the broker refused it: {error.Message}", error);

    /// <summary>Its deadline has passed.</summary>
    public void FailLate(EnqueueContext context)
    {
        var last = context.LastError is { } error ? $"; the last error was: {error.Message}" : "";
        Fail(context, $"the broker did not confirm it within {DurationText.Of(settings.Timeout)} (dramatiq.gateway.timeout){last}", context.LastError, isRefusal: false);
    }

    public void Fail(EnqueueContext context, string reason, Exception? cause, bool isRefusal = true)
    {
        if (!Close(context))
            return;

        _failed++;
        var error = new EnqueueFailedException($"{context.Message.ActorName} {context.Message.MessageId} was not enqueued on {context.Message.QueueName}: {reason}.", cause) { MessageId = context.Message.MessageId, IsRefusal = isRefusal };
        if (!context.Reply.Failed(error))
            log.Error("{0}", error.Message);
    }

    /// <summary>For an order of which no message could be made.</summary>
    public void FailUnmade(IReply reply, Exception cause)
    {
        var error = cause as EnqueueFailedException ?? new EnqueueFailedException($"The order cannot be made a message: {cause.Message}", cause);
        if (!reply.Failed(error))
            log.Error("Not enqueued: {0}", error.Message);
    }

    /// <summary>Tells this actor when nothing is open any more.</summary>
    public void AddDrainer(IActorRef drainer)
    {
        _drainers.Add(drainer);
        AnswerDrainers();
    }

    /// <returns>Whether it was open: there is one answer for each.</returns>
    private bool Close(EnqueueContext context)
    {
        if (context.IsAnswered)
            return false;

        context.IsAnswered = true;
        if (context.Reply.IsBounded)
        {
            _pending--;
            _pendingBytes -= context.Size;
        }

        if (--_open == 0)
            AnswerDrainers();
        return true;
    }

    private void AnswerDrainers()
    {
        if (_open > 0 || _drainers.Count == 0)
            return;

        foreach (var drainer in _drainers)
            drainer.Tell(GatewayProtocol.Drained.Instance);
        _drainers.Clear();
    }
}
