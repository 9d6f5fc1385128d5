using System.Text.Json.Nodes;
using Dramatiq.Akka.Management.Commands;

namespace Dramatiq.Akka.Management.Api;

/// <summary>A filter is one object of the question and several parameters of a command.</summary>
internal static class FilterArguments
{
    private const string Filter = "filter";
    private const string All = "all";

    public static readonly CommandParameter[] Parameters =
    [
        new("actorName", "The actor, exactly."),
        new("messageId", "The message_id, exactly."),
        new("text", "Text that occurs in the arguments."),
        new("reason", "Of a dead letter: text that occurs in its reason or error."),
        new("diedUntil", "Of a dead letter: it died at this time or before.", CommandParameterType.Time),
    ];

    /// <summary>For orders, which must say in so many words that they mean everything.</summary>
    public static readonly CommandParameter[] OrderParameters =
        [new("ids", "Keys or message_ids; in place of a filter.", IsList: true), .. Parameters, new(All, "Every one, in place of ids or a filter.", CommandParameterType.Flag)];

    /// <summary>Whether a command takes a filter.</summary>
    public static bool Has(CommandDescription command) => command.Parameters.Contains(Parameters[^1]);

    /// <summary>Moves the parameters of a filter into one.</summary>
    public static void Gather(JsonObject arguments)
    {
        var isAll = arguments[All] is { } all && all.GetValue<bool>();
        arguments.Remove(All);
        var filter = new JsonObject();
        foreach (var parameter in Parameters)
            if (arguments[parameter.Name] is { } value && arguments.Remove(parameter.Name))
                filter[parameter.Name] = value;
        if (filter.Count > 0 || isAll)
            arguments[Filter] = filter;
    }
}
