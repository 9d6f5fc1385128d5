using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.RateLimits;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Stages;

/// <summary>
/// What groups need before a message runs: a callback runs for one of its publications, a step that follows a group gets the results, and the first member of a group in a pipeline enqueues the
/// others. How a member ended is counted by <see cref="GroupEndings"/>.
/// </summary>
internal sealed class GroupCallbacksStage(MiddlewareServices services) : Stage
{
    private Waiting? _waiting;

    protected override void Before(MessageContext context)
    {
        _waiting = null;
        var options = context.Message.Options;
        var isMember = GroupMembership.IsIn(options);
        if (services.Groups is not { } groups)
        {
            if (isMember || options.Contains(OptionNames.GroupMembers) || options.Contains(OptionNames.GroupResults))
                GiveUp(context, "it is part of a group, and no backend counts groups here: add WithRedisRateLimits(\"redis://…\") next to WithDramatiq(…), and requeue the message", null);
            else
                Pass(context);
            return;
        }

        if (services.Results is null && options.Contains(OptionNames.GroupGathered))
        {
            GiveUp(context, "the step after its group is given its result, and no store of results is named here: add WithRedisResults(\"redis://…\") next to WithDramatiq(…), and requeue the message", null);
            return;
        }

        try
        {
            if (isMember)
                _ = GroupMembership.AllOf(options);
        }
        catch (DecodeException error)
        {
            GiveUp(context, $"its {OptionNames.GroupMemberships} cannot be read: {error.Message}", error);
            return;
        }

        if (!options.Contains(OptionNames.GroupFiring) && !options.Contains(OptionNames.GroupResults) && !options.Contains(OptionNames.GroupMembers))
        {
            Pass(context);
            return;
        }

        var waiting = _waiting = new Waiting(context);
        groups.PrepareAsync(context.Message).PipeTo(Self, success: message => new Prepared(waiting, message), failure: error => new NotPrepared(waiting, error));
    }

    protected override void OnMessage(object message)
    {
        switch (message)
        {
            case Prepared { Message: { } ready } prepared when Takes(prepared.Waiting):
                Replace(prepared.Waiting.Context, ready);
                Pass(prepared.Waiting.Context);
                break;
            case Prepared prepared when Takes(prepared.Waiting):
                prepared.Waiting.Context.IsDuplicate = true;
                Skip(prepared.Waiting.Context, "the callback of a group was published twice, and the other publication runs");
                break;
            case NotPrepared failed when Takes(failed.Waiting):
                Pass(failed.Waiting.Context, OutcomeOf(failed.Error));
                break;
            case Prepared or NotPrepared:
                break;   // from before this stage was built anew
            default:
                Unhandled(message);
                break;
        }
    }

    private static Outcome OutcomeOf(Exception error) => error switch
    {
        EnqueueFailedException notEnqueued => FailureOf.NotEnqueued(notEnqueued),
        BrokerException { IsTransient: true } => new Outcome.Returned("the store of its group cannot be reached: " + error.Message),
        DecodeException => new Outcome.Dead("what it says of its group cannot be read: " + error.Message, error),
        _ => new Outcome.Failed(error),
    };

    private void GiveUp(MessageContext context, string reason, Exception? error) => Pass(context, new Outcome.Dead(reason, error));

    private bool Takes(Waiting waiting)
    {
        if (!ReferenceEquals(waiting, _waiting))
            return false;

        _waiting = null;
        return true;
    }

    private sealed record Waiting(MessageContext Context);

    private sealed record Prepared(Waiting Waiting, Message? Message) : INoSerializationVerificationNeeded;

    private sealed record NotPrepared(Waiting Waiting, Exception Error) : INoSerializationVerificationNeeded;
}
