using System.CommandLine;
using Dramatiq.Akka.Cli.Http;
using Dramatiq.Akka.Cli.Output;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Cli.Commands.Queues;

internal sealed class QueuePurgeCommand : SessionCommand
{
    private readonly Argument<string> _queue;
    private readonly Option<string?> _place = Parameters.Place("What to drop.", "ready", "delayed", "dead");

    public QueuePurgeCommand(Scope scope) : base(scope, "purge", "Drops everything that waits in one place of a queue.")
    {
        Arguments.Add(_queue = Parameters.Queue(scope));
        _place.Required = true;
        Options.Add(_place);
    }

    protected override async Task RunAsync(Session session, ParseResult line, CancellationToken stop)
    {
        var (queue, place) = (line.GetRequiredValue(_queue), line.GetRequiredValue(_place)!);
        if (session.Asks)
        {
            var count = (await session.Client.GetAsync<MessageCount>(Address.Of("queues", queue, "messages", "count"), [new("place", place)], stop).ConfigureAwait(false)).Value.Count;
            await session.ConfirmAsync($"drop all {Units.Count(count)} {Parameters.PlaceName(place, count)} of queue '{queue}', and those that come until then", stop).ConfigureAwait(false);
        }

        var answer = await session.Client.OrderAsync<MessagesAnswer>(Address.Of("queues", queue, "purge"), new() { ["place"] = place }, stop).ConfigureAwait(false);
        session.Show(answer, dropped => session.Paper.Text($"Dropped {Units.Count(dropped.Count)} {Parameters.PlaceName(place, dropped.Count)} of queue '{queue}'."));
    }
}
