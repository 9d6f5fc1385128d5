namespace Dramatiq.Akka.Telemetry;

/// <summary>What measurements and spans say of one declared actor: made once, so that a message makes nothing of it anew.</summary>
internal sealed class ActorTelemetry
{
    private long _delayed;
    private long _messages;
    private long _errors;
    private long _retries;

    public ActorTelemetry(string queue, string actor, TaskTelemetry system)
    {
        Queue = queue;
        System = system;
        Tags = [new("queue_name", queue), new("actor_name", actor)];
        SpanTags = Tracing.TagsOf("process", "process", queue, actor);
        SpanName = "process " + queue;
    }

    public string Queue { get; }

    public TaskTelemetry System { get; }

    /// <summary>Dramatiq's labels.</summary>
    public KeyValuePair<string, object?>[] Tags { get; }

    /// <summary>The name of a consumer span.</summary>
    public string SpanName { get; }

    public KeyValuePair<string, object?>[] SpanTags { get; }

    /// <summary>How many of its messages wait in this process for their eta.</summary>
    public long Delayed => Interlocked.Read(ref _delayed);

    public long Messages => Interlocked.Read(ref _messages);

    public long Errors => Interlocked.Read(ref _errors);

    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>Counts an attempt that came to an end.</summary>
    public void Count(bool hasFailed, bool isRetried)
    {
        Interlocked.Increment(ref _messages);
        if (hasFailed)
            Interlocked.Increment(ref _errors);
        if (isRetried)
            Interlocked.Increment(ref _retries);
    }

    public void AddDelayed(int change) => Interlocked.Add(ref _delayed, change);
}
