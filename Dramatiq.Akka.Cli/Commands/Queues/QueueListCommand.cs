using System.CommandLine;
using Dramatiq.Akka.Cli.Http;
using Dramatiq.Akka.Cli.Output;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Cli.Commands.Queues;

internal sealed class QueueListCommand(Scope scope) : SessionCommand(scope, "list", "Every queue, what it holds, and what goes through it.")
{
    protected override async Task RunAsync(Session session, ParseResult line, CancellationToken stop)
    {
        var answer = await session.Client.GetAsync<QueueList>(Address.Of("queues"), stop).ConfigureAwait(false);
        session.Show(answer, list =>
        {
            session.Paper.Table(QueueListing.Of(list.Queues));
            foreach (var problem in list.Queues.Select(static queue => queue.Problem).OfType<string>().Distinct())
                session.Paper.Note("No counts: " + problem);
        });
    }
}
