using System.Collections.Concurrent;
using Dramatiq.Akka.Stages;

namespace Dramatiq.Akka.Telemetry;

/// <summary>Measures how long a message is with each stage of its slip. There only while somebody listens; it travels with the message, so it needs no lock.</summary>
internal sealed class StageClock(ActorTelemetry actor, MiddlewarePipeline pipeline)
{
    // One set of tags for each queue, stage and direction: few, and the same for ever.
    private static readonly ConcurrentDictionary<(string Queue, string Stage, string Direction), KeyValuePair<string, object?>[]> TagSets = new();

    private long _since = actor.System.Time.GetTimestamp();

    /// <summary>Whoever had the message gives it on.</summary>
    /// <param name="slot">Who.</param>
    /// <param name="isForward">Whether it goes on toward the handler.</param>
    public void Left(int slot, bool isForward)
    {
        var now = actor.System.Time.GetTimestamp();
        if (slot != RoutingSlip.Worker)
        {
            var isHandler = slot == pipeline.StageCount;
            var tags = TagSets.GetOrAdd((actor.Queue, isHandler ? "handler" : pipeline.StageName(slot), isHandler ? "run" : isForward ? "before" : "after"),
                static key => [new("queue_name", key.Queue), new("stage", key.Stage), new("direction", key.Direction)]);
            actor.System.StageDurations.Record(actor.System.Time.GetElapsedTime(_since, now).TotalMilliseconds, tags);
        }

        _since = now;
    }
}
