using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Management.Commands;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;

namespace Dramatiq.Akka.Management.Api;

/// <summary>Makes of path, query and body the arguments that a command says it takes, and refuses the rest by name: a misspelled filter must not become an order for all.</summary>
internal static class ArgumentReader
{
    private const int MostBytes = 4 << 20;

    public static async Task<JsonObject> ReadAsync(HttpContext context, CommandDescription command)
    {
        var arguments = HttpMethods.IsPost(context.Request.Method) ? await BodyAsync(context).ConfigureAwait(false) : [];
        foreach (var (name, value) in context.Request.Query)
            arguments[name] = value.Count == 1 ? JsonValue.Create(value[0]) : new JsonArray([.. value.Select(static one => JsonValue.Create(one))]);
        foreach (var (name, value) in context.GetRouteData().Values)
            arguments[name] = JsonValue.Create(PathArgument.Read(context, command.Path, name, (string?)value));
        return Checked(arguments, command);
    }

    private static JsonObject Checked(JsonObject given, CommandDescription command)
    {
        foreach (var (name, _) in given)
            if (!command.Parameters.Any(parameter => parameter.Name == name))
                throw Wrong($"'{command.Name}' takes no '{name}'. It takes: {string.Join(", ", command.Parameters.Select(static parameter => parameter.Name))}.");

        var arguments = new JsonObject();
        foreach (var parameter in command.Parameters)
        {
            if (given[parameter.Name] is { } value)
                arguments[parameter.Name] = parameter.IsList ? List(parameter, value) : One(parameter, value);
            else if (parameter.IsRequired)
                throw Wrong($"'{command.Name}' needs '{parameter.Name}': {parameter.Help}");
        }

        return arguments;
    }

    private static JsonArray List(CommandParameter parameter, JsonNode value) =>
        value is JsonArray list ? new JsonArray([.. list.Select(one => One(parameter, one ?? throw Unusable(parameter, "null")))]) : new JsonArray(One(parameter, value));

    /// <summary>Text stands for any type, so that a query, a shell and a form can give them all.</summary>
    private static JsonValue One(CommandParameter parameter, JsonNode value)
    {
        if (parameter.Type is CommandParameterType.Json)
            return JsonValue.Create(value is JsonValue json && json.GetValueKind() is JsonValueKind.String ? json.GetValue<string>() : value.ToJsonString());
        if (value is not JsonValue scalar)
            throw Unusable(parameter, value.ToJsonString());

        var text = scalar.GetValueKind() is JsonValueKind.String ? scalar.GetValue<string>() : scalar.ToJsonString();
        return parameter.Type switch
        {
            CommandParameterType.WholeNumber when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
            CommandParameterType.Number when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) => JsonValue.Create(number),
            CommandParameterType.Flag when text is "true" or "" or "on" or "1" => JsonValue.Create(true),
            CommandParameterType.Flag when text is "false" or "off" or "0" => JsonValue.Create(false),
            CommandParameterType.Time when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) => JsonValue.Create(time),
            CommandParameterType.Text when parameter.Choices is null || parameter.Choices.Contains(text) => JsonValue.Create(text),
            _ => throw Unusable(parameter, text),
        };
    }

    private static async Task<JsonObject> BodyAsync(HttpContext context)
    {
        var request = context.Request;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = MostBytes;
        if (request.ContentLength is 0 || (request.ContentLength is null && request.Headers.TransferEncoding.Count == 0))
            return [];

        try
        {
            return await JsonNode.ParseAsync(request.Body, cancellationToken: context.RequestAborted).ConfigureAwait(false) switch
            {
                JsonObject body => body,
                _ => throw Wrong("The body must be a JSON object of the command's parameters."),
            };
        }
        catch (JsonException wrong)
        {
            throw Wrong($"The body is no JSON: {wrong.Message}");
        }
        catch (ArgumentException twice)
        {
            throw Wrong($"The body has a name twice: {twice.Message}");
        }
    }

    private static InspectionException Unusable(CommandParameter parameter, string value) => Wrong(
        $"'{parameter.Name}' cannot be '{(value.Length > 100 ? value[..100] + "…" : value)}': it is {(parameter.Choices is { } choices ? "one of " + string.Join(", ", choices) : WordFor(parameter.Type))}.");

    private static string WordFor(CommandParameterType type) => type switch
    {
        CommandParameterType.WholeNumber => "a whole number",
        CommandParameterType.Number => "a number",
        CommandParameterType.Flag => "true or false",
        CommandParameterType.Time => "a time such as 2026-01-31T12:00:00Z",
        CommandParameterType.Json => "JSON",
        _ => "text",
    };

    private static InspectionException Wrong(string text) => new(InspectionFailure.Invalid, text);
}
