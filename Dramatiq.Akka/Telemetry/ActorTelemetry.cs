namespace Dramatiq.Akka.Telemetry;

/// <summary>What measurements and spans say of one declared actor: made once, so that a message makes nothing of it anew.</summary>
internal sealed class ActorTelemetry
{
    private long _delayed;

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

    public void AddDelayed(int change) => Interlocked.Add(ref _delayed, change);
}
