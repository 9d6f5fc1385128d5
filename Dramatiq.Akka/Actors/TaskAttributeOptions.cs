using System.Reflection;
using Dramatiq.Akka.Messages;

namespace Dramatiq.Akka.Actors;

/// <summary>Reads what a <see cref="TaskAttribute"/> really sets, so that a property left alone is told from one set to zero.</summary>
internal sealed record TaskAttributeOptions(string? Name, string? Queue, int? Priority, IReadOnlyDictionary<string, object?> Options)
{
    private static readonly Dictionary<string, string> OptionOf = new(StringComparer.Ordinal)
    {
        [nameof(TaskAttribute.MaxRetries)] = OptionNames.MaxRetries,
        [nameof(TaskAttribute.MinBackoffMs)] = OptionNames.MinBackoff,
        [nameof(TaskAttribute.MaxBackoffMs)] = OptionNames.MaxBackoff,
        [nameof(TaskAttribute.MaxAgeMs)] = OptionNames.MaxAge,
        [nameof(TaskAttribute.TimeLimitMs)] = OptionNames.TimeLimit,
        [nameof(TaskAttribute.NotifyShutdown)] = OptionNames.NotifyShutdown,
        [nameof(TaskAttribute.OnSuccess)] = OptionNames.OnSuccess,
        [nameof(TaskAttribute.OnFailure)] = OptionNames.OnFailure,
        [nameof(TaskAttribute.OnRetryExhausted)] = OptionNames.OnRetryExhausted,
        [nameof(TaskAttribute.PipeIgnore)] = OptionNames.PipeIgnore,
        [nameof(TaskAttribute.StoreResults)] = OptionNames.StoreResults,
        [nameof(TaskAttribute.ResultTtlMs)] = OptionNames.ResultTtl,
    };

    public static TaskAttributeOptions Of(Type task)
    {
        var options = new Dictionary<string, object?>(StringComparer.Ordinal);
        string? name = null, queue = null;
        int? priority = null;
        var data = CustomAttributeData.GetCustomAttributes(task).FirstOrDefault(attribute => attribute.AttributeType == typeof(TaskAttribute));
        foreach (var argument in data?.NamedArguments ?? [])
        {
            var value = argument.TypedValue.Value;
            switch (argument.MemberName)
            {
                case nameof(TaskAttribute.Name): name = (string?)value; break;
                case nameof(TaskAttribute.Queue): queue = (string?)value; break;
                case nameof(TaskAttribute.Priority): priority = (int?)value; break;
                default: options[OptionOf[argument.MemberName]] = value; break;
            }
        }

        return new TaskAttributeOptions(name, queue, priority, options);
    }
}
