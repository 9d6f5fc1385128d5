using System.CommandLine;
using Dramatiq.Akka.Cli.Http;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Cli.Commands.Messages;

internal sealed class MessageShowCommand : SessionCommand
{
    private readonly Argument<string> _id = new("ID") { Description = "A key or a message_id, as lists show them." };
    private readonly Option<string?> _queue = new("--queue") { Description = "The queue to look in; every one without.", HelpName = "QUEUE" };
    private readonly Option<string?> _place = Parameters.Place("Where to look; everywhere without.", "ready", "delayed", "inHand", "dead");

    public MessageShowCommand(Scope scope) : base(scope, "show", "One message whole: arguments, options, last error, and its life where that is kept.")
    {
        _queue.CompletionSources.Add(_ => scope.Catalog.Queues.Select(static name => new System.CommandLine.Completions.CompletionItem(name)));
        Arguments.Add(_id);
        Options.Add(_queue);
        Options.Add(_place);
    }

    protected override async Task RunAsync(Session session, ParseResult line, CancellationToken stop)
    {
        var arguments = new Dictionary<string, string>();
        if (line.GetValue(_queue) is { } queue)
            arguments["queue"] = queue;
        if (line.GetValue(_place) is { } place)
            arguments["place"] = place;

        var answer = await session.Client.GetAsync<MessageAnswer>(Address.Of("messages", line.GetRequiredValue(_id)), arguments, stop).ConfigureAwait(false);
        session.Show(answer, found =>
        {
            if (found.Message is { } message)
                session.Paper.Write(MessageFacts.Of(message, session.Now).Fit(session.Paper.Width));
            else
                session.Paper.Text("The message itself is not in its queue any more, or further back than was looked.");
            if (found.Life is { } life)
            {
                session.Paper.Text("");
                session.Paper.Table(MessageFacts.LifeOf(life));
            }
        });
    }
}
