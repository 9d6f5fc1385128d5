using System.CommandLine;
using Dramatiq.Akka.Cli.Http;
using Dramatiq.Akka.Cli.Output;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Cli.Commands.Workers;

internal sealed class WorkerScaleCommand : SessionCommand
{
    private readonly Argument<string> _queue;
    private readonly Argument<int> _workers = new("WORKERS") { Description = "How many: 1 to 100,000." };

    public WorkerScaleCommand(Scope scope) : base(scope, "scale", "Has this many workers for a queue in the process that is asked, until it stops.")
    {
        Arguments.Add(_queue = Parameters.Queue(scope));
        Arguments.Add(_workers);
    }

    protected override async Task RunAsync(Session session, ParseResult line, CancellationToken stop)
    {
        var path = Address.Of("queues", line.GetRequiredValue(_queue), "scale");
        var answer = await session.Client.OrderAsync<WorkersScaled>(path, new() { ["workers"] = line.GetValue(_workers) }, stop).ConfigureAwait(false);
        session.Show(answer, scaled => session.Paper.Text($"Queue {scaled.Queue} has {Units.Many(scaled.Workers, "worker")} in this process from now on."));
    }
}
