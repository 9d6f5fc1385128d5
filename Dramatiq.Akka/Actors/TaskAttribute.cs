namespace Dramatiq.Akka;

/// <summary>
/// Marks a type as a task and sets what producer and worker share: the constructor is the signature, the attribute its
/// options. What is not set here keeps the default, and options given where the actor is declared come before these.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class TaskAttribute : Attribute
{
    /// <summary>The <c>actor_name</c> on the wire. Default: the type's name in snake_case.</summary>
    public string? Name { get; set; }

    /// <summary>The queue. Default: <c>default</c>.</summary>
    public string? Queue { get; set; }

    /// <summary>The priority among messages that one worker pool has in hand; lower runs first. Default 0.</summary>
    public int Priority { get; set; }

    /// <summary>Option <c>max_retries</c>: how often a failed message is tried again; -1 for without end.</summary>
    public int MaxRetries { get; set; }

    /// <summary>Option <c>min_backoff</c>, in milliseconds.</summary>
    public long MinBackoffMs { get; set; }

    /// <summary>Option <c>max_backoff</c>, in milliseconds.</summary>
    public long MaxBackoffMs { get; set; }

    /// <summary>Option <c>max_age</c>, in milliseconds.</summary>
    public long MaxAgeMs { get; set; }

    /// <summary>Option <c>time_limit</c>, in milliseconds; -1 for no limit.</summary>
    public long TimeLimitMs { get; set; }

    /// <summary>Option <c>notify_shutdown</c>.</summary>
    public bool NotifyShutdown { get; set; }

    /// <summary>Option <c>on_success</c>: the actor that is sent the message and its result.</summary>
    public string? OnSuccess { get; set; }

    /// <summary>Option <c>on_failure</c>: the actor that is sent the message and its error, on every failed attempt.</summary>
    public string? OnFailure { get; set; }

    /// <summary>Option <c>on_retry_exhausted</c>: the actor that is told when no retry is left.</summary>
    public string? OnRetryExhausted { get; set; }

    /// <summary>Option <c>pipe_ignore</c>: whether a pipeline's next task goes without this one's result.</summary>
    public bool PipeIgnore { get; set; }

    /// <summary>Option <c>store_results</c>: whether what the task returns is stored.</summary>
    public bool StoreResults { get; set; }

    /// <summary>Option <c>result_ttl</c>, in milliseconds; -1 for ever.</summary>
    public long ResultTtlMs { get; set; }
}
