using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dramatiq.Akka.Inspection;

/// <summary>How questions and answers are written as JSON.</summary>
public static class InspectionJson
{
    /// <summary>Names in camelCase, enumerations as camelCase text, times as ISO 8601, nulls written. Read-only.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) } };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
