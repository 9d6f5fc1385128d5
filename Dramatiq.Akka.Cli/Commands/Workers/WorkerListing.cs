using System.Globalization;
using Dramatiq.Akka.Cli.Output;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Cli.Commands.Workers;

/// <summary>What workers run, as rows, the longest first.</summary>
internal static class WorkerListing
{
    public static Listing Of(IReadOnlyList<PoolReport> pools)
    {
        var listing = new Listing(
            new Column("QUEUE", Least: 8, Rank: 2), new Column("WORKER", Rank: 3), new Column("ACTOR", Least: 12), new Column("FOR", true), new Column("TRY", true, Rank: 1), new Column("MESSAGE"), new Column(""));
        foreach (var (pool, worker) in pools.SelectMany(static pool => pool.Running.Select(worker => (pool, worker))).OrderByDescending(static row => row.worker.RunningMs))
            listing.Add(
                pool.Queue, worker.Worker, worker.ActorName, Units.Duration(worker.RunningMs), worker.Attempt.ToString(CultureInfo.InvariantCulture), worker.MessageId,
                worker.IsAbandoned ? new Cell("abandoned", Styles.Bad) : worker.IsRetiring ? new Cell("retiring", Styles.Quiet) : "");
        return listing;
    }
}
