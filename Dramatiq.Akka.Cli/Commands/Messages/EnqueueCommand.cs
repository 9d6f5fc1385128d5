using System.CommandLine;
using System.CommandLine.Completions;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dramatiq.Akka.Cli.Http;
using Dramatiq.Akka.Inspection;

namespace Dramatiq.Akka.Cli.Commands.Messages;

internal sealed class EnqueueCommand : SessionCommand
{
    private readonly Argument<string> _queue;
    private readonly Argument<string> _actor = new("ACTOR") { Description = "The actor." };
    private readonly Argument<string?> _args = new("JSON_ARGS") { Description = "The positional arguments: a JSON array; - reads it from the input. Without: none.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _kwargs = new("--kwargs") { Description = "The named arguments: a JSON object.", HelpName = "JSON" };
    private readonly Option<string?> _delay = new("--delay") { Description = "How long it waits before it may run: 30s, 5m, 1h30m, 7d.", HelpName = "DURATION" };
    private readonly Option<string[]> _option = new("--option", "-o") { Description = "An option of this message alone, such as max_retries=3; the value is JSON, or else text. May be given several times.", HelpName = "NAME=VALUE" };

    public EnqueueCommand(Scope scope) : base(scope, "enqueue", "Enqueues a message.")
    {
        _actor.CompletionSources.Add(_ => scope.Catalog.Actors.Select(static name => new CompletionItem(name)));
        _delay.Validators.Add(static result =>
        {
            if (result.Tokens.Count == 1 && Durations.Parse(result.Tokens[0].Value) is null)
                result.AddError($"--delay cannot be '{result.Tokens[0].Value}'. Give a duration such as 30s, 5m or 1h30m.");
        });
        _option.Validators.Add(static result =>
        {
            foreach (var token in result.Tokens.Where(static token => token.Value.IndexOf('=', StringComparison.Ordinal) < 1))
                result.AddError($"--option cannot be '{token.Value}'. Give NAME=VALUE, such as max_retries=3.");
        });
        Arguments.Add(_queue = Parameters.Queue(scope));
        Arguments.Add(_actor);
        Arguments.Add(_args);
        Options.Add(_kwargs);
        Options.Add(_delay);
        Options.Add(_option);
    }

    protected override async Task RunAsync(Session session, ParseResult line, CancellationToken stop)
    {
        var args = line.GetValue(_args);
        if (args == "-")
            args = await session.Around.In.ReadToEndAsync(stop).ConfigureAwait(false);

        var message = new JsonObject { ["actorName"] = line.GetRequiredValue(_actor), ["queue"] = line.GetRequiredValue(_queue), ["args"] = args ?? "[]" };
        if (line.GetValue(_kwargs) is { } kwargs)
            message["kwargs"] = kwargs;
        if (line.GetValue(_option) is { Length: > 0 } options)
            message["options"] = OptionsOf(options).ToJsonString();
        if (line.GetValue(_delay) is { } delay)
            message["delayMs"] = (long)Durations.Parse(delay)!.Value.TotalMilliseconds;

        var answer = await session.Client.OrderAsync<MessageEnqueued>(Address.Of("enqueue"), message, stop).ConfigureAwait(false);
        session.Show(answer, enqueued => session.Paper.Text($"Enqueued {enqueued.MessageId} for {enqueued.ActorName} on queue '{enqueued.Queue}'."));
    }

    private static JsonObject OptionsOf(string[] options)
    {
        var values = new JsonObject();
        foreach (var option in options)
        {
            var at = option.IndexOf('=', StringComparison.Ordinal);
            values[option[..at]] = ValueOf(option[(at + 1)..]);
        }

        return values;
    }

    private static JsonNode? ValueOf(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return text;
        }
    }
}
