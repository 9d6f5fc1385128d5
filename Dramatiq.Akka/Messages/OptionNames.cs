namespace Dramatiq.Akka.Messages;

/// <summary>The keys of a message's <c>options</c>, as they are on the wire. Times are milliseconds.</summary>
public static class OptionNames
{
    /// <summary>When the message is due, since the Unix epoch. Its presence alone sends a message to the delay queue.</summary>
    public const string Eta = "eta";

    /// <summary>How long to wait before the message runs. Only pipelines read it from a message.</summary>
    public const string Delay = "delay";

    /// <summary>How often the message has been tried again so far.</summary>
    public const string Retries = "retries";

    /// <summary>Where the last attempt failed: text of up to 30 frames.</summary>
    public const string Traceback = "traceback";

    /// <summary>When the last attempt failed, since the Unix epoch.</summary>
    public const string RequeueTimestamp = "requeue_timestamp";

    /// <summary>How often to try again at the most; null for ever.</summary>
    public const string MaxRetries = "max_retries";

    /// <summary>The wait before the first retry.</summary>
    public const string MinBackoff = "min_backoff";

    /// <summary>The longest wait before a retry.</summary>
    public const string MaxBackoff = "max_backoff";

    /// <summary>The failures that are not tried again.</summary>
    public const string Throws = "throws";

    /// <summary>The actor that is told when retries are used up.</summary>
    public const string OnRetryExhausted = "on_retry_exhausted";

    /// <summary>How old a message may be to be run; 0 and null for any age.</summary>
    public const string MaxAge = "max_age";

    /// <summary>How long a handler may run.</summary>
    public const string TimeLimit = "time_limit";

    /// <summary>Whether the handler is interrupted when the worker shuts down.</summary>
    public const string NotifyShutdown = "notify_shutdown";

    /// <summary>The actor that is told of the result.</summary>
    public const string OnSuccess = "on_success";

    /// <summary>The actor that is told of a failed attempt.</summary>
    public const string OnFailure = "on_failure";

    /// <summary>Whether the result of the previous step is kept out of this one's arguments.</summary>
    public const string PipeIgnore = "pipe_ignore";

    /// <summary>The next message of a pipeline, whole.</summary>
    public const string PipeTarget = "pipe_target";

    /// <summary>Whether the result is stored.</summary>
    public const string StoreResults = "store_results";

    /// <summary>How long the result is kept.</summary>
    public const string ResultTtl = "result_ttl";

    /// <summary>The run of a group that the message belongs to.</summary>
    public const string GroupCompletionUuid = "group_completion_uuid";

    /// <summary>The messages to enqueue when the group is done: an array of whole messages.</summary>
    public const string GroupCompletionCallbacks = "group_completion_callbacks";

    /// <summary>The priority at the broker; for RabbitMQ a higher number is delivered earlier.</summary>
    public const string BrokerPriority = "broker_priority";

    /// <summary>The id that the Redis broker knows the message by; a fresh one with every enqueue.</summary>
    public const string RedisMessageId = "redis_message_id";

    /// <summary>Beside the two above: the groups and pipelines that the message is a part of, for whatever Python's two options have no room for. Ours; Python keeps it and does not read it.</summary>
    public const string GroupMemberships = "group_memberships";

    /// <summary>The members of a group of which only this one has been enqueued: whoever runs it enqueues the others. Ours.</summary>
    public const string GroupMembers = "group_members";

    /// <summary>The results that the message is to be given as its last argument: those of a group's members. Ours.</summary>
    public const string GroupResults = "group_results";

    /// <summary>That the result of the message, a group's member, is passed on to the step after the group. Ours.</summary>
    public const string GroupGathered = "group_gathered";

    /// <summary>On a group's callback: which of several publications it is, so that it runs for one of them. Ours.</summary>
    public const string GroupFiring = "group_firing";

    /// <summary>On a group's failure callback: which member failed, and why. Ours; see <see cref="global::Dramatiq.Akka.GroupFailure"/>.</summary>
    public const string GroupFailure = "group_failure";

    /// <summary>On a message to an <c>on_failure</c> actor: which attempt failed, and whether it was the last. Ours; see <see cref="global::Dramatiq.Akka.FailedAttempt"/>.</summary>
    public const string FailedAttempt = "failed_attempt";

    /// <summary>Why a dead letter died. Python's Dramatiq does not know this option, and keeps it.</summary>
    public const string DeadLetter = "dead_letter";

    /// <summary>The span that the message is part of, as W3C writes it in the HTTP header of this name. Python's Dramatiq does not know this option, and keeps it.</summary>
    public const string TraceParent = "traceparent";

    /// <summary>What else W3C's trace context carries, as in the HTTP header of this name.</summary>
    public const string TraceState = "tracestate";
}
