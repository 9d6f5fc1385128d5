using Dramatiq.Akka.Cli.Commands.Queues;
using Dramatiq.Akka.Cli.Commands.Workers;
using Dramatiq.Akka.Cli.Output;
using Dramatiq.Akka.Inspection;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Dramatiq.Akka.Cli.Commands.Live;

/// <summary>Draws what <c>top</c> shows.</summary>
internal static class TopPicture
{
    /// <param name="snapshot">What there is.</param>
    /// <param name="now">The time.</param>
    /// <param name="width">Columns; null for as many as it takes.</param>
    /// <param name="height">Rows; null for as many as it takes, and then there is no last line about keys.</param>
    /// <param name="problem">Why the snapshot is old; null when it is not.</param>
    public static IRenderable Of(TopSnapshot snapshot, DateTimeOffset now, int? width, int? height, string? problem)
    {
        var queues = Order(snapshot.Queues);
        var workers = WorkerListing.Of(snapshot.Pools);
        var (queueRows, workerRows) = Share(queues.Count, workers.Count, height is { } most ? most - 7 : int.MaxValue);

        List<IRenderable> lines = [Title(snapshot, now), Totals(snapshot.Queues), Text.Empty, QueueListing.Of([.. queues.Take(queueRows)]).Fit(width)];
        if (queues.Count > queueRows)
            lines.Add(Quiet($"… {Units.Many(queues.Count - queueRows, "more queue")}"));
        lines.Add(Text.Empty);
        lines.Add(workers.Count == 0 ? Quiet("No worker is busy.") : workers.Fit(width, workerRows));
        if (workers.Count > workerRows)
            lines.Add(Quiet($"… {Units.Many(workers.Count - workerRows, "more busy worker")}"));
        if (problem is not null)
            lines.Add(new Text(SafeText.Line(problem), Styles.Bad) { Overflow = Overflow.Ellipsis });
        else if (height is not null)
            lines.Add(Quiet("q ends it"));
        return new Rows(lines);
    }

    /// <summary>Those first that somebody should look at: dead letters, then what waits.</summary>
    private static List<QueueReport> Order(IReadOnlyList<QueueReport> queues) =>
        [.. queues.OrderByDescending(static queue => queue.Problem is not null).ThenByDescending(static queue => queue.Dead > 0).ThenByDescending(static queue => queue.Ready ?? 0).ThenBy(static queue => queue.Queue, StringComparer.Ordinal)];

    /// <summary>Rows for both tables: each gets what it needs, or half when both need more.</summary>
    private static (int Queues, int Workers) Share(int queues, int workers, int rows)
    {
        rows = Math.Max(2, rows);
        if (queues + workers <= rows)
            return (queues, workers);
        rows = Math.Max(2, rows - 2);   // each may need a line that says how many more there are
        var forQueues = Math.Min(queues, Math.Max(rows / 2, rows - workers));
        return (forQueues, Math.Min(workers, rows - forQueues));
    }

    private static Paragraph Title(TopSnapshot snapshot, DateTimeOffset now)
    {
        var node = snapshot.Node;
        var state = node.State is NodeState.Running ? Styles.Good : Styles.Warning;
        return new Paragraph()
            .Append(SafeText.Line(node.Name), Styles.Title)
            .Append("  ").Append(node.State.ToString().ToLowerInvariant(), state)
            .Append($"  {SafeText.Line(node.Broker.Name)}  up {Durations.Write(now - node.StartedAt)}  {now.UtcDateTime:HH:mm:ss}Z");
    }

    private static Paragraph Totals(IReadOnlyList<QueueReport> queues)
    {
        return new Paragraph()
            .Append($"{Units.Sum([.. queues.Select(static queue => queue.Ready)])} ready  {Units.Sum([.. queues.Select(static queue => queue.Delayed)])} delayed  ")
            .Append($"{Units.Sum([.. queues.Select(static queue => queue.Dead)])} dead", queues.Any(static queue => queue.Dead > 0) ? Styles.Bad : Styles.Plain)
            .Append($"  {Units.Rate(queues.Sum(static queue => queue.Traffic.DonePerSecond))} done/s  ")
            .Append($"{Units.Rate(queues.Sum(static queue => queue.Traffic.FailedPerSecond))} failed/s");
    }

    private static Text Quiet(string text) => new(text, Styles.Quiet);
}
