using System.CommandLine;
using Dramatiq.Akka.Cli.Http;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Cli.Commands.Workers;

internal sealed class WorkerDrainCommand(Scope scope)
    : SessionCommand(scope, "drain", "Drains the process that is asked: it takes no more messages, and finishes or hands back what it has. It cannot be undone.")
{
    protected override async Task RunAsync(Session session, ParseResult line, CancellationToken stop)
    {
        if (session.Asks)
        {
            var node = (await session.Client.GetAsync<NodeReport>(Address.Of("node"), stop).ConfigureAwait(false)).Value;
            var busy = (await session.Client.GetAsync<PoolList>(Address.Of("workers"), stop).ConfigureAwait(false)).Value.Pools.Sum(static pool => pool.Busy);
            await session.ConfirmAsync($"drain {node.Name}, which runs {Output.Units.Many(busy, "message")}, for good", stop).ConfigureAwait(false);
        }

        var answer = await session.Client.OrderAsync<NodeReport>(Address.Of("node", "drain"), [], stop).ConfigureAwait(false);
        session.Show(answer, node => session.Paper.Text(node.State is NodeState.Drained ? $"{node.Name} is drained." : $"{node.Name} drains. `dramatiq worker list` shows what it still runs."));
    }
}
