using System.CommandLine;
using Dramatiq.Akka.Cli.Http;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Cli.Commands.Queues;

/// <summary><c>queue pause</c> and <c>queue resume</c>.</summary>
internal sealed class QueuePauseCommand : SessionCommand
{
    private readonly Argument<string> _queue;
    private readonly Option<bool> _everywhere = Parameters.Everywhere();

    private QueuePauseCommand(Scope scope, string name, string description) : base(scope, name, description)
    {
        Arguments.Add(_queue = Parameters.Queue(scope));
        Options.Add(_everywhere);
    }

    public static QueuePauseCommand Pause(Scope scope) => new(scope, "pause", "Takes nothing more from a queue.");

    public static QueuePauseCommand Resume(Scope scope) => new(scope, "resume", "Takes messages from a queue again.");

    protected override async Task RunAsync(Session session, ParseResult line, CancellationToken stop)
    {
        var path = Address.Of("queues", line.GetRequiredValue(_queue), Name);
        var answer = await session.Client.OrderAsync<QueuePauses>(path, new() { ["everywhere"] = line.GetValue(_everywhere) }, stop).ConfigureAwait(false);
        session.Show(answer, pauses => session.Paper.Text($"Queue {pauses.Queue} " + pauses switch
        {
            { Everywhere: true, Here: true } => "is paused everywhere, and in this process besides.",
            { Everywhere: true } => "is paused everywhere.",
            { Here: true } => "is paused in this process.",
            _ => "is not paused.",
        }));
    }
}
