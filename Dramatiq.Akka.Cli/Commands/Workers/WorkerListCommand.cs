using System.CommandLine;
using Dramatiq.Akka.Cli.Http;
using Dramatiq.Akka.Cli.Output;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Cli.Commands.Workers;

internal sealed class WorkerListCommand : SessionCommand
{
    private readonly Argument<string?> _queue;

    public WorkerListCommand(Scope scope) : base(scope, "list", "The workers of the process that is asked, and what each runs.") => Arguments.Add(_queue = Parameters.SomeQueue(scope));

    protected override async Task RunAsync(Session session, ParseResult line, CancellationToken stop)
    {
        var arguments = line.GetValue(_queue) is { } queue ? new[] { KeyValuePair.Create("queue", queue) } : [];
        var answer = await session.Client.GetAsync<PoolList>(Address.Of("workers"), arguments, stop).ConfigureAwait(false);
        session.Show(answer, list =>
        {
            session.Paper.Table(PoolsOf(list.Pools));
            if (WorkerListing.Of(list.Pools) is { Count: > 0 } running)
            {
                session.Paper.Text("");
                session.Paper.Table(running);
            }
        });
    }

    private static Listing PoolsOf(IReadOnlyList<PoolReport> pools)
    {
        var listing = new Listing(new Column("QUEUE", Least: 12), new("WORKERS", true), new("BUSY", true), new("WAITING", true), new("ABANDONED", true));
        foreach (var pool in pools)
            listing.Add(pool.Queue, Units.Count(pool.Workers), Units.Count(pool.Busy), Units.Count(pool.Waiting), new Cell(Units.Count(pool.Abandoned), pool.Abandoned > 0 ? Styles.Bad : Styles.Plain));
        return listing;
    }
}
