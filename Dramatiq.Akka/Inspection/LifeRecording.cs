using Akka.Event;
using Dramatiq.Akka.Brokers;
using Dramatiq.Akka.Messages;
using Dramatiq.Akka.Stages;
using Dramatiq.Akka.Workers;

namespace Dramatiq.Akka.Inspection;

/// <summary>Makes steps of signals.</summary>
internal static class LifeRecording
{
    private const int MostNote = 500;
    private static readonly TimeSpan FlushPatience = TimeSpan.FromSeconds(3);

    /// <summary>Starts the recorder. It hears what happens from the return of this on, so that no life lacks its beginning.</summary>
    public static IActorRef Start(ActorSystem system, ILifeStore store, string node, TimeProvider time)
    {
        var recorder = system.ActorOf(Props.Create(() => new LifeRecorderActor(store, node, time)), "dramatiq-lives");
        foreach (var signal in new[] { typeof(LifeSignals.Enqueued), typeof(LifeSignals.Started), typeof(LifeSignals.Ended), typeof(Signals.AfterNack) })
            system.EventStream.Subscribe(recorder, signal);
        return recorder;
    }

    /// <summary>Has all that was recorded so far written. Never waits for longer than a store may need that is there.</summary>
    public static async Task FlushAsync(IActorRef recorder, ILoggingAdapter log)
    {
        try
        {
            await recorder.Ask<LifeRecorderActor.Flushed>(LifeRecorderActor.Flush.Instance, FlushPatience).ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
            log.Warning("The last steps of the lives of messages could not be written within {0:0} s.", FlushPatience.TotalSeconds);
        }
    }

    public static int AttemptOf(Message message) =>
        message.Options.TryGetInt64(OptionNames.Retries, out var retries) ? (int)Math.Clamp(retries + 1, 1, int.MaxValue / 16) : 1;

    public static LifeStep Step(Message message, LifeState state, DateTimeOffset at, string node, DateTimeOffset? due = null, string? note = null, int? attempt = null) => new(
        message.MessageId, QueueName.Canonical(message.QueueName), message.ActorName, state, at, attempt ?? AttemptOf(message), node, due, note?.Length > MostNote ? note[..MostNote] : note);

    /// <summary>How an attempt ended. A dead letter is told of when it is one; a failure that nobody decided about counts as done.</summary>
    public static LifeStep? Ended(LifeSignals.Ended ended, DateTimeOffset at, string node) => ended.Outcome switch
    {
        Outcome.Succeeded => Step(ended.Message, LifeState.Done, at, node, attempt: ended.Attempt),
        Outcome.Retried retried => Step(ended.Message, LifeState.Retried, at, node, at + retried.Delay, Text(retried.Error), ended.Attempt),
        Outcome.Skipped skipped => Step(ended.Message, LifeState.Skipped, at, node, note: skipped.Reason, attempt: ended.Attempt),
        Outcome.Returned returned => Step(ended.Message, LifeState.Returned, at, node, note: returned.Reason, attempt: ended.Attempt),
        Outcome.Failed failed => Step(ended.Message, LifeState.Done, at, node, note: Text(failed.Error), attempt: ended.Attempt),
        _ => null,
    };

    private static string Text(Exception error) => $"{error.GetType().Name}: {error.Message}";
}
