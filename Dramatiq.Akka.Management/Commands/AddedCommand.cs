using System.ComponentModel;
using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Dramatiq.Akka.Inspection;
using Microsoft.Extensions.DependencyInjection;

namespace Dramatiq.Akka.Management.Commands;

/// <summary>A command of the application: a delegate, looked at once, when it is added.</summary>
internal sealed partial class AddedCommand
{
    private readonly Delegate _handler;
    private readonly ParameterInfo[] _parameters;

    public AddedCommand(string name, string help, Delegate handler, bool isOrder, bool destroys)
    {
        if (!Name().IsMatch(name))
            throw new DeclarationException($"'{name}' is no name for a command. Give words of a to z, digits and dashes with one space between them, such as 'cache flush'.");

        _handler = handler;
        _parameters = handler.Method.GetParameters();
        CommandParameter[] described = [.. _parameters.Where(static parameter => !IsFilledIn(parameter)).Select(parameter => Describe(name, parameter))];
        Description = new CommandDescription(name, help, "POST", "api/commands/" + Uri.EscapeDataString(name), isOrder, destroys, false, described);
    }

    public CommandDescription Description { get; }

    /// <summary>Runs it.</summary>
    /// <param name="arguments">By name, each of the type that the description tells.</param>
    /// <param name="call">What else it may ask for.</param>
    /// <param name="cancellationToken">For a handler that takes one.</param>
    public async Task<CommandResult> RunAsync(JsonObject arguments, CommandCall call, CancellationToken cancellationToken)
    {
        var values = new object?[_parameters.Length];
        for (var at = 0; at < values.Length; at++)
            values[at] = IsFilledIn(_parameters[at]) ? call.Of(_parameters[at].ParameterType, cancellationToken) : ValueOf(_parameters[at], arguments);

        object? result;
        try
        {
            result = _handler.DynamicInvoke(values);
        }
        catch (TargetInvocationException thrown) when (thrown.InnerException is { } inner)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(inner);
            throw;
        }

        return await FinishAsync(result).ConfigureAwait(false) switch
        {
            null => new CommandResult(null, null),
            string text => new CommandResult(text, null),
            var value => new CommandResult(null, value),
        };
    }

    private static object? ValueOf(ParameterInfo parameter, JsonObject arguments)
    {
        if (!arguments.TryGetPropertyValue(Named(parameter), out var given) || given is null)
            return parameter.HasDefaultValue ? parameter.DefaultValue : null;

        try
        {
            var value = TypeOf(Bare(parameter.ParameterType)) is CommandParameterType.Json ? Parsed(given) : given;
            return value.Deserialize(parameter.ParameterType, InspectionJson.Options);
        }
        catch (JsonException wrong)
        {
            throw new InspectionException(InspectionFailure.Invalid, $"Parameter '{Named(parameter)}' cannot be {given.ToJsonString()}: it is of type {TypeOf(parameter.ParameterType)}.", wrong);
        }
    }

    /// <summary>JSON comes as its text, whichever way it came.</summary>
    private static JsonNode? Parsed(JsonNode given) => given is JsonArray list ? new JsonArray([.. list.Select(static one => Parsed(one!))]) : JsonNode.Parse(given.GetValue<string>());

    /// <summary>A method that awaits gives a task of some type; what is in it is asked for by reflection, which a command of an operator can afford.</summary>
    private static async Task<object?> FinishAsync(object? result)
    {
        if (result is ValueTask bare)
            result = bare.AsTask();
        else if (result?.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(ValueTask<>))
            result = type.GetMethod("AsTask")!.Invoke(result, null);
        if (result is not Task task)
            return result;

        await task.ConfigureAwait(false);
        return task.GetType().GetProperty("Result") is { } property && property.PropertyType.Name != "VoidTaskResult" ? property.GetValue(task) : null;
    }

    private static CommandParameter Describe(string command, ParameterInfo parameter)
    {
        var isList = parameter.ParameterType.IsArray;
        var type = isList ? parameter.ParameterType.GetElementType()! : parameter.ParameterType;
        var bare = Bare(type);
        var isOptional = parameter.HasDefaultValue || Nullable.GetUnderlyingType(type) is not null || new NullabilityInfoContext().Create(parameter).WriteState is NullabilityState.Nullable;
        return new CommandParameter(
            Named(parameter),
            parameter.GetCustomAttribute<DescriptionAttribute>()?.Description ?? "",
            TypeOf(bare) ?? throw new DeclarationException(
                $"Command '{command}': parameter '{parameter.Name}' is a {bare.Name}, which no text can give. Take text, a number, a bool, a time, an enumeration or JsonElement; mark a service with [FromServices]."),
            !isOptional && bare != typeof(bool),
            isList,
            parameter.HasDefaultValue && parameter.DefaultValue is { } value ? Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) : null,
            bare.IsEnum ? [.. Enum.GetNames(bare).Select(JsonNamingPolicy.CamelCase.ConvertName)] : null);
    }

    /// <summary>What one value is of: a list's element, and what may be null without that.</summary>
    private static Type Bare(Type type)
    {
        var one = type.IsArray ? type.GetElementType()! : type;
        return Nullable.GetUnderlyingType(one) ?? one;
    }

    private static CommandParameterType? TypeOf(Type type) => type switch
    {
        _ when type == typeof(string) || type.IsEnum || type == typeof(Guid) => CommandParameterType.Text,
        _ when type == typeof(int) || type == typeof(long) || type == typeof(short) => CommandParameterType.WholeNumber,
        _ when type == typeof(double) || type == typeof(float) || type == typeof(decimal) => CommandParameterType.Number,
        _ when type == typeof(bool) => CommandParameterType.Flag,
        _ when type == typeof(DateTimeOffset) => CommandParameterType.Time,
        _ when type == typeof(JsonElement) || type == typeof(JsonNode) => CommandParameterType.Json,
        _ => null,
    };

    private static bool IsFilledIn(ParameterInfo parameter) => CommandCall.Knows(parameter.ParameterType) || parameter.GetCustomAttribute<FromServicesAttribute>() is not null;

    private static string Named(ParameterInfo parameter) => JsonNamingPolicy.CamelCase.ConvertName(parameter.Name!);

    [GeneratedRegex(@"\A[a-z][a-z0-9-]*(?: [a-z0-9-]+)*\z")]
    private static partial Regex Name();
}
