using System.CommandLine;
using System.Globalization;
using Dramatiq.Akka.Cli.Http;
using Dramatiq.Akka.Cli.Output;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Cli.Commands.Messages;

/// <summary><c>message list</c>, and <c>dead list</c> which is the same for one place.</summary>
internal sealed class MessageListCommand : SessionCommand
{
    private readonly Argument<string> _queue;
    private readonly Option<string?> _place = Parameters.Place("Where to look: ready unless told otherwise.", "ready", "delayed", "inHand", "dead");
    private readonly Option<long> _offset = new("--offset") { Description = "How many to pass over.", HelpName = "NUMBER" };
    private readonly Option<int?> _count = new("--count", "-n") { Description = "How many to show at the most: 1 to 1,000; 50 unless told otherwise.", HelpName = "NUMBER" };
    private readonly Option<int?> _lookAtMost = new("--look-at-most") { Description = "How many to look at in search of those that match: up to 100,000; 10,000 unless told otherwise.", HelpName = "NUMBER" };
    private readonly FilterOptions _filter;
    private readonly string? _onlyPlace;

    private MessageListCommand(Scope scope, string? onlyPlace, string description) : base(scope, "list", description)
    {
        _onlyPlace = onlyPlace;
        Arguments.Add(_queue = Parameters.Queue(scope));
        if (onlyPlace is null)
            Options.Add(_place);
        _filter = new FilterOptions(scope, this);
        Options.Add(_offset);
        Options.Add(_count);
        Options.Add(_lookAtMost);
    }

    public static MessageListCommand Of(Scope scope) => new(scope, null, "Messages of a queue, a page of them, those first that are next in turn.");

    public static MessageListCommand OfDead(Scope scope) => new(scope, "dead", "Dead letters of a queue, a page of them, those first that died first.");

    protected override async Task RunAsync(Session session, ParseResult line, CancellationToken stop)
    {
        var (queue, place, offset) = (line.GetRequiredValue(_queue), _onlyPlace ?? line.GetValue(_place) ?? "ready", line.GetValue(_offset));
        var arguments = _filter.Of(line);
        arguments["place"] = place;
        if (offset != 0)
            arguments["offset"] = Text(offset);
        if (line.GetValue(_count) is { } count)
            arguments["count"] = Text(count);
        if (line.GetValue(_lookAtMost) is { } most)
            arguments["lookAtMost"] = Text(most);

        var answer = await session.Client.GetAsync<MessagePage>(Address.Of("queues", queue, "messages"), arguments, stop).ConfigureAwait(false);
        session.Show(answer, page =>
        {
            if (page.Messages.Count > 0)
                session.Paper.Table(MessageListing.Of(page.Messages, place, session.Now));
            session.Paper.Note(Ending(page, place, queue));
        });
    }

    /// <summary>Says where the list ends, and whether there is more.</summary>
    private static string Ending(MessagePage page, string place, string queue)
    {
        var found = page.Messages.Count == 0 ? $"No {Parameters.PlaceName(place, 0)} of queue '{queue}' found" : $"{Units.Count(page.Messages.Count)} {Parameters.PlaceName(place, page.Messages.Count)}";
        return page switch
        {
            { IsComplete: true } => found + ".",
            { NextOffset: { } next } => $"{found} among {Units.Count(page.LookedAt)} looked at. There are more: --offset {next}",
            _ => $"{found} among {Units.Count(page.LookedAt)} looked at. There are more, and this broker can look no further.",
        };
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
