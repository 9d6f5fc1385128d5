using Dramatiq.Akka.Cli.Output;
using Dramatiq.Akka.Consumers;
using Dramatiq.Akka.Inspection;
using Spectre.Console;

namespace Dramatiq.Akka.Cli.Commands.Queues;

/// <summary>Queues as rows.</summary>
internal static class QueueListing
{
    public static Listing Of(IReadOnlyList<QueueReport> queues)
    {
        var listing = new Listing(
            new Column("QUEUE", Least: 12), new Column("STATE"), new Column("READY", true), new Column("DELAYED", true), new Column("IN HAND", true), new Column("DEAD", true),
            new Column("OLDEST", Rank: 2), new Column("IN/s", true, Rank: 4), new Column("DONE/s", true), new Column("FAILED/s", true, Rank: 3), new Column("BUSY", true, Rank: 1));
        foreach (var queue in queues)
            listing.Add(
                queue.Queue,
                StateOf(queue),
                Units.Count(queue.Ready),
                Units.Count(queue.Delayed),
                InHandOf(queue),
                new Cell(Units.Count(queue.Dead), queue.Dead > 0 ? Styles.Bad : Styles.Plain),
                Units.Duration(queue.OldestReadyAgeMs),
                Units.Rate(queue.Traffic.EnqueuedPerSecond),
                Units.Rate(queue.Traffic.DonePerSecond),
                new Cell(Units.Rate(queue.Traffic.FailedPerSecond), queue.Traffic.FailedPerSecond > 0 ? Styles.Warning : Styles.Plain),
                queue.Workers is { } pool ? $"{Units.Count(pool.Busy)}/{Units.Count(pool.Workers)}" : Units.Unknown);
        return listing;
    }

    /// <summary>Where the broker does not tell of other processes, what is in this one's.</summary>
    private static string InHandOf(QueueReport queue) => queue switch
    {
        { InFlight: { } all } => Units.Count(all),
        { Consumer: { } own } => Units.Count(own.InFlight) + " here",
        _ => Units.Unknown,
    };

    public static Cell StateOf(QueueReport queue) => queue switch
    {
        { Problem: not null } => new Cell("no counts", Styles.Bad),
        { IsPausedEverywhere: true } => new Cell("paused", Styles.Warning),
        { IsPausedHere: true } => new Cell("paused here", Styles.Warning),
        { Consumer: null } => new Cell("not here", Styles.Quiet),
        { Consumer: var consumer } => StateOf(consumer),
    };

    public static Cell StateOf(ConsumerReport consumer) => new(Word(consumer.State), consumer.State switch
    {
        ConsumerState.Consuming => Styles.Good,
        ConsumerState.Connecting => Styles.Bad,
        _ => Styles.Warning,
    });

    private static string Word(ConsumerState state) => state is ConsumerState.Consuming ? "running" : state.ToString().ToLowerInvariant();
}
