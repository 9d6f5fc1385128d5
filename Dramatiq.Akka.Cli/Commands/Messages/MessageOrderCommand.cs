using System.CommandLine;
using System.Text.Json.Nodes;
using Dramatiq.Akka.Cli.Http;
using Dramatiq.Akka.Cli.Output;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Cli.Commands.Messages;

/// <summary>An order about messages, by ids or by a filter. What a filter meets is counted and shown before.</summary>
internal abstract class MessageOrderCommand : SessionCommand
{
    private readonly Argument<string> _queue;
    private readonly Argument<string[]> _ids = Parameters.Ids();
    private readonly Option<bool> _all = new("--all") { Description = "Every one, in place of ids or a filter." };
    private readonly FilterOptions _filter;

    protected MessageOrderCommand(Scope scope, string name, string description) : base(scope, name, description)
    {
        Arguments.Add(_queue = Parameters.Queue(scope));
        Arguments.Add(_ids);
        _filter = new FilterOptions(scope, this);
        Options.Add(_all);
    }

    /// <summary>The last part of the address.</summary>
    protected abstract string Order { get; }

    /// <summary>What is done: <c>delete</c>, and what was done: <c>Deleted</c>.</summary>
    protected abstract (string Verb, string Done) Words { get; }

    protected virtual bool Destroys => false;

    /// <summary>Whether the order takes a place, or knows its own.</summary>
    protected virtual bool NamesPlace => false;

    protected abstract string PlaceOf(ParseResult line);

    protected override async Task RunAsync(Session session, ParseResult line, CancellationToken stop)
    {
        var (queue, place) = (line.GetRequiredValue(_queue), PlaceOf(line));
        string[] ids = [.. (line.GetValue(_ids) ?? []).Distinct()];
        var filter = _filter.Of(line);
        var all = line.GetValue(_all);
        Check(ids, filter.Count > 0, all);

        if (ids.Length > 0)
        {
            if (Destroys)
                await session.ConfirmAsync($"{Words.Verb} {Units.Count(ids.Length)} {Parameters.PlaceName(place, ids.Length)} of queue '{queue}'", stop).ConfigureAwait(false);
        }
        else if (session.Asks)
        {
            var counted = await session.Client.GetAsync<MessageCount>(Address.Of("queues", queue, "messages", "count"), [.. filter, new("place", place)], stop).ConfigureAwait(false);
            var count = counted.Value;
            if (count is { Count: 0, IsComplete: true })
            {
                Show(session, new Answer<MessagesAnswer>(NothingDone, session.Client.Url), queue, place);
                return;
            }

            await session.ConfirmAsync(
                $"{Words.Verb} {(count.IsComplete ? "" : "at least ")}{Units.Count(count.Count)} {Parameters.PlaceName(place, count.Count)} of queue '{queue}'", stop).ConfigureAwait(false);
            // What dies while one thinks about it is not meant.
            if (place == "dead" && !filter.ContainsKey("diedUntil"))
                filter["diedUntil"] = count.AsOf.ToString("O", System.Globalization.CultureInfo.InvariantCulture);
        }

        var arguments = new JsonObject(filter.Select(static one => KeyValuePair.Create(one.Key, (JsonNode?)one.Value)));
        if (NamesPlace)
            arguments["place"] = place;
        if (ids.Length > 0)
            arguments["ids"] = new JsonArray([.. ids.Select(static id => (JsonNode)id)]);
        if (all)
            arguments["all"] = true;
        var answer = await session.Client.OrderAsync<MessagesAnswer>(Address.Of("queues", queue, Order), arguments, stop).ConfigureAwait(false);
        Show(session, answer, queue, place);
        if (ids.Length == 0 && !answer.Value.IsComplete)
            throw new CommandFailure(
                ExitCodes.Incomplete, $"This broker could look no further: there may be more {Parameters.PlaceName(place, 0)} of queue '{queue}' that are meant.",
                "How far it looks is set in the process: on RabbitMQ with dramatiq.rabbitmq.inspection.order-looks.");
        if (answer.Value.Count < ids.Length)
            throw new CommandFailure(
                ExitCodes.NotFound, $"{Units.Many(ids.Length - answer.Value.Count, "id")} of {Units.Count(ids.Length)} {(ids.Length - answer.Value.Count == 1 ? "was" : "were")} not found"
                + (answer.Value.IsComplete ? ": gone already, or never there." : ": gone already, or further back than this broker can look."));
    }

    private static System.Text.Json.JsonElement NothingDone { get; } = System.Text.Json.JsonDocument.Parse("""{"count":0,"isComplete":true}""").RootElement;

    private void Show(Session session, Answer<MessagesAnswer> answer, string queue, string place) =>
        session.Show(answer, result => session.Paper.Text($"{Words.Done} {Units.Count(result.Count)} {Parameters.PlaceName(place, result.Count)} of queue '{queue}'."));

    private static void Check(string[] ids, bool hasFilter, bool all)
    {
        if (ids.Length == 0 && !hasFilter && !all)
            throw new CommandFailure(ExitCodes.Usage, "It is not said which messages.", "Name their ids, or a filter such as --actor or --reason, or --all.");
        if (ids.Length > 0 && (hasFilter || all))
            throw new CommandFailure(ExitCodes.Usage, "Ids and a filter cannot be given together.", "Leave one of them out.");
        if (hasFilter && all)
            throw new CommandFailure(ExitCodes.Usage, "--all and a filter cannot be given together.", "Leave one of them out.");
    }
}
