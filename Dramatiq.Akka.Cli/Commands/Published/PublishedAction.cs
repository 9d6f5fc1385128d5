using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dramatiq.Akka.Cli.Http;
using Dramatiq.Akka.Cli.Output;

namespace Dramatiq.Akka.Cli.Commands.Published;

/// <summary>Runs a command that is known from its description alone: what it must have is an argument, in order, and the rest are options.</summary>
internal sealed class PublishedAction
{
    private readonly PublishedCommand _published;
    private readonly List<(PublishedParameter Parameter, Func<ParseResult, IReadOnlyList<string>?> Values)> _parameters = [];

    public PublishedAction(Command command, PublishedCommand published, Scope scope)
    {
        _published = published;
        foreach (var parameter in published.Parameters)
            _parameters.Add((parameter, parameter.IsRequired && (!parameter.IsList || parameter == published.Parameters.Last(static one => one.IsRequired))
                ? AddArgument(command, parameter, scope)
                : AddOption(command, parameter, scope)));
        command.SetAction((line, stop) => Session.RunAsync(scope.Around, scope.Options, line, (session, either) => RunAsync(session, line, either), stop));
    }

    private async Task RunAsync(Session session, ParseResult line, CancellationToken stop)
    {
        var path = _published.Path;
        List<KeyValuePair<string, string>> query = [];
        var body = new JsonObject();
        foreach (var (parameter, read) in _parameters)
        {
            if (read(line) is not { Count: > 0 } values)
                continue;
            if (path.Contains($"{{{parameter.Name}}}", StringComparison.Ordinal))
                path = path.Replace($"{{{parameter.Name}}}", Address.Segment(values[0]), StringComparison.Ordinal);
            else if (_published.Method == "GET")
                query.AddRange(values.Select(value => KeyValuePair.Create(parameter.Name, value)));
            else
                body[parameter.Name] = parameter.IsList ? new JsonArray([.. values.Select(static value => (JsonNode)value)]) : values[0];
        }

        if (!path.StartsWith("api/", StringComparison.Ordinal))
            throw new CommandFailure(ExitCodes.Failed, $"{session.Client.Url} publishes '{_published.Name}' at an address that is not its own.");
        if (_published.Destroys)
            await session.ConfirmAsync($"run '{_published.Name}', which cannot be taken back", stop).ConfigureAwait(false);

        var answer = _published.Method == "GET"
            ? await session.Client.GetAsync<JsonObject>(path, query, stop).ConfigureAwait(false)
            : await session.Client.OrderAsync<JsonObject>(path, body, stop).ConfigureAwait(false);
        if (session.Paper.IsJson)
            session.Paper.Json(answer.Json);
        else if (!_published.IsBuiltIn && answer.Json.TryGetProperty("text", out var text) && text.ValueKind is JsonValueKind.String)
            session.Paper.Text(text.GetString()!.TrimEnd('\n'));
        else
            JsonView.Show(session.Paper, !_published.IsBuiltIn && answer.Json.TryGetProperty("value", out var value) ? value : answer.Json);
    }

    private static Func<ParseResult, IReadOnlyList<string>?> AddArgument(Command command, PublishedParameter parameter, Scope scope)
    {
        var name = Dashed(parameter.Name).ToUpperInvariant();
        if (parameter.IsList)
        {
            var list = Described(new Argument<string[]>(name) { Arity = ArgumentArity.OneOrMore });
            return line => line.GetValue(list);
        }

        var argument = Described(new Argument<string>(name));
        return line => line.GetValue(argument) is { } value ? [value] : null;

        Argument<T> Described<T>(Argument<T> added)
        {
            added.Description = DescriptionOf(parameter);
            if (parameter.Choices is { Count: > 0 } choices)
                added.AcceptOnlyFromAmong([.. choices]);
            else
                Complete(added.CompletionSources, parameter, scope);
            command.Arguments.Add(added);
            return added;
        }
    }

    private static Func<ParseResult, IReadOnlyList<string>?> AddOption(Command command, PublishedParameter parameter, Scope scope)
    {
        var name = "--" + Dashed(parameter.Name);
        if (scope.Options.All.Any(own => own.Name == name) || name is "--help" or "--version")
            name = "--with-" + Dashed(parameter.Name);
        if (parameter.Type == "flag" && !parameter.IsList)
        {
            var flag = new Option<bool>(name) { Description = DescriptionOf(parameter), Required = parameter.IsRequired };
            command.Options.Add(flag);
            return line => line.GetResult(flag) is { Implicit: false } ? [line.GetValue(flag) ? "true" : "false"] : null;
        }

        if (parameter.IsList)
        {
            var list = Described(new Option<string[]>(name) { Arity = ArgumentArity.OneOrMore });
            return line => line.GetResult(list) is { Implicit: false } ? line.GetValue(list) : null;
        }

        var option = Described(new Option<string?>(name));
        return line => line.GetValue(option) is { } value ? [value] : null;

        Option<T> Described<T>(Option<T> added)
        {
            added.Description = DescriptionOf(parameter);
            added.Required = parameter.IsRequired;
            if (parameter.Choices is { Count: > 0 } choices)
            {
                added.HelpName = SafeText.Line(string.Join('|', choices));
                added.AcceptOnlyFromAmong([.. choices]);
            }
            else
            {
                added.HelpName = WordFor(parameter.Type);
                Complete(added.CompletionSources, parameter, scope);
            }

            command.Options.Add(added);
            return added;
        }
    }

    private static void Complete(List<Func<System.CommandLine.Completions.CompletionContext, IEnumerable<System.CommandLine.Completions.CompletionItem>>> sources, PublishedParameter parameter, Scope scope)
    {
        var names = parameter.Name switch { "queue" => scope.Catalog.Queues, "actorName" => scope.Catalog.Actors, _ => [] };
        sources.Add(_ => names.Select(static name => new System.CommandLine.Completions.CompletionItem(name)));
    }

    private static string DescriptionOf(PublishedParameter parameter) =>
        SafeText.Line(parameter.Help + (parameter.Default is { Length: > 0 } other && parameter.Type != "flag" ? $" Default: {other}." : "")).Trim();

    private static string WordFor(string type) => type switch
    {
        "wholeNumber" or "number" => "NUMBER",
        "time" => "TIME",
        "json" => "JSON",
        _ => "TEXT",
    };

    /// <summary>camelCase in the API, dashes on the command line.</summary>
    private static string Dashed(string name) => JsonNamingPolicy.KebabCaseLower.ConvertName(name);
}
