using System.CommandLine;
using System.Globalization;
using Dramatiq.Akka.Cli.Http;
using Dramatiq.Akka.Cli.Output;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Cli.Commands.Actors;

internal sealed class ActorListCommand(Scope scope) : SessionCommand(scope, "list", "The actors that the process declares, with their options and stages.")
{
    protected override async Task RunAsync(Session session, ParseResult line, CancellationToken stop)
    {
        var answer = await session.Client.GetAsync<ActorList>(Address.Of("actors"), stop).ConfigureAwait(false);
        session.Show(answer, list =>
        {
            var listing = new Listing(
                new Column("ACTOR", Least: 12), new Column("QUEUE", Least: 8), new Column("PRIORITY", true, Rank: 2), new Column("RUNS HERE", Rank: 1), new Column("PARAMETERS", Least: 10, Rank: 3),
                new Column("OPTIONS", Least: 12), new Column("STAGES", Least: 12, Rank: 4));
            foreach (var actor in list.Actors)
                listing.Add(
                    actor.Name, actor.Queue, actor.Priority.ToString(CultureInfo.InvariantCulture), actor.RunsHere ? "yes" : new Cell("no", Styles.Quiet), string.Join(", ", actor.Parameters),
                    string.Join(", ", actor.Options.Select(static option => $"{option.Key}={option.Value.GetRawText()}")), string.Join(" > ", actor.Stages));
            session.Paper.Table(listing);
        });
    }
}
