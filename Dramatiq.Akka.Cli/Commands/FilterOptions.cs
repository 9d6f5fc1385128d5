using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;

namespace Dramatiq.Akka.Cli.Commands;

/// <summary>The options that say which messages are meant; all that are given must hold.</summary>
internal sealed class FilterOptions
{
    private readonly Option<string?> _actor = new("--actor") { Description = "The actor, exactly.", HelpName = "NAME" };
    private readonly Option<string?> _messageId = new("--message-id") { Description = "The message_id, exactly.", HelpName = "ID" };
    private readonly Option<string?> _text = new("--text") { Description = "Text that occurs in the arguments.", HelpName = "TEXT" };
    private readonly Option<string?> _reason = new("--reason") { Description = "Of a dead letter: text that occurs in its reason or error.", HelpName = "TEXT" };
    private readonly Option<string?> _diedUntil = new("--died-until") { Description = "Of a dead letter: it died at this time or before, such as 2026-01-31T12:00:00Z.", HelpName = "TIME" };

    public FilterOptions(Scope scope, Command command)
    {
        _actor.CompletionSources.Add(_ => scope.Catalog.Actors.Select(static name => new CompletionItem(name)));
        _diedUntil.Validators.Add(static result =>
        {
            if (result.Tokens.Count == 1 && TimeOf(result.Tokens[0].Value) is null)
                result.AddError($"--died-until cannot be '{result.Tokens[0].Value}'. Give a time such as 2026-01-31T12:00:00Z.");
        });
        // An unset variable in a script must not become an order for all: empty text occurs everywhere.
        foreach (var option in new[] { _actor, _messageId, _text, _reason })
            option.Validators.Add(static result =>
            {
                if (result.Tokens is [{ Value: "" }])
                    result.AddError($"{result.Option.Name} is empty. Leave it out, or say what to look for.");
            });
        command.Options.Add(_actor);
        command.Options.Add(_messageId);
        command.Options.Add(_text);
        command.Options.Add(_reason);
        command.Options.Add(_diedUntil);
    }

    /// <summary>What is given, under the names of the API.</summary>
    public Dictionary<string, string> Of(ParseResult line)
    {
        var filter = new Dictionary<string, string>();
        Add("actorName", _actor);
        Add("messageId", _messageId);
        Add("text", _text);
        Add("reason", _reason);
        if (line.GetValue(_diedUntil) is { } text && TimeOf(text) is { } time)
            filter["diedUntil"] = time.ToString("O", CultureInfo.InvariantCulture);
        return filter;

        void Add(string name, Option<string?> option)
        {
            if (line.GetValue(option) is { } value)
                filter[name] = value;
        }
    }

    private static DateTimeOffset? TimeOf(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
