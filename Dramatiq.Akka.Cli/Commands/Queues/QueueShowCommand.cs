using System.CommandLine;
using Dramatiq.Akka.Cli.Http;
using Dramatiq.Akka.Cli.Output;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Cli.Commands.Queues;

internal sealed class QueueShowCommand : SessionCommand
{
    private readonly Argument<string> _queue;

    public QueueShowCommand(Scope scope) : base(scope, "show", "One queue.") => Arguments.Add(_queue = Parameters.Queue(scope));

    protected override async Task RunAsync(Session session, ParseResult line, CancellationToken stop)
    {
        var answer = await session.Client.GetAsync<QueueReport>(Address.Of("queues", line.GetRequiredValue(_queue)), stop).ConfigureAwait(false);
        session.Show(answer, queue => session.Paper.Write(FactsOf(queue, session.Now).Fit(session.Paper.Width)));
    }

    private static Facts FactsOf(QueueReport queue, DateTimeOffset now)
    {
        var facts = new Facts();
        facts.Add("queue", queue.Queue);
        var state = QueueListing.StateOf(queue);
        facts.Add("state", state.Text, state.Style);
        facts.Add("problem", queue.Problem, Styles.Bad);
        facts.Add("ready", Units.Count(queue.Ready));
        facts.Add("delayed", Units.Count(queue.Delayed));
        facts.Add("in hand", queue.InFlight is { } all ? Units.Count(all) : queue.Consumer is { } own ? $"{Units.Count(own.InFlight)} in this process" : null);
        facts.Add("dead", Units.Count(queue.Dead), queue.Dead > 0 ? Styles.Bad : Styles.Plain);
        facts.Add("oldest ready", queue.OldestReadyAgeMs is { } age ? Units.Duration(age) : null);
        facts.Add("paused here", queue.IsPausedHere ? "yes" : "no");
        facts.Add("paused everywhere", queue.IsPausedEverywhere switch { true => "yes", false => "no", null => "the broker cannot keep that" });
        facts.Add("workers", queue.Workers is { } pool ? WorkersOf(pool) : "none in this process");
        Add(facts, "consumer", queue.Consumer, now);
        Add(facts, "delay consumer", queue.DelayConsumer, now);
        var traffic = queue.Traffic;
        facts.Add("lately", $"{Units.Rate(traffic.EnqueuedPerSecond)} in/s, {Units.Rate(traffic.DonePerSecond)} done/s, {Units.Rate(traffic.FailedPerSecond)} failed/s");
        facts.Add(
            "since the start",
            $"{Units.Count(traffic.Enqueued)} enqueued, {Units.Count(traffic.Taken)} taken, {Units.Count(traffic.Done)} done, {Units.Count(traffic.Failed)} failed, "
            + $"{Units.Count(traffic.Dead)} dead, {Units.Count(traffic.Returned)} returned");
        return facts;
    }

    private static string WorkersOf(PoolReport pool) =>
        $"{Units.Count(pool.Busy)} of {Units.Count(pool.Workers)} busy, {Units.Count(pool.Waiting)} messages waiting for one" + (pool.Abandoned > 0 ? $", {Units.Count(pool.Abandoned)} abandoned" : "");

    private static void Add(Facts facts, string name, ConsumerReport? consumer, DateTimeOffset now)
    {
        if (consumer is null)
            return;
        facts.Add(name, $"{QueueListing.StateOf(consumer).Text}, {Units.Count(consumer.InFlight)} of {Units.Count(consumer.Prefetch)} in hand" + (consumer.Reconnects > 0 ? $", {Units.Many(consumer.Reconnects, "reconnect")}" : ""));
        facts.Add("", consumer.LastProblem is { } problem ? $"{problem} ({Units.Ago(consumer.LastProblemAt, now)})" : null, Styles.Warning);
    }
}
