using System.Text.Json;
using System.Text.RegularExpressions;

namespace Dramatiq.Akka.Tests.Telemetry;

/// <summary>The Grafana dashboard of this repository.</summary>
internal static partial class Dashboard
{
    /// <summary>Labels that Prometheus itself gives to what it scrapes.</summary>
    public static IReadOnlyList<string> OfPrometheus { get; } = ["job", "instance"];

    /// <summary>The metrics of all its queries and variables, each with the labels that the query names.</summary>
    public static IReadOnlyList<(string Metric, IReadOnlyList<string> Labels)> Metrics()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Checkout.Root, "docs", "grafana", "dramatiq.json")));
        var found = new List<(string, IReadOnlyList<string>)>();
        foreach (var query in Queries(json.RootElement))
        {
            string[] grouped = [.. Grouping().Matches(query).SelectMany(static match => match.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
            foreach (Match metric in Metric().Matches(query))
                found.Add((metric.Groups["name"].Value, [.. grouped.Concat(Selector().Matches(metric.Groups["labels"].Value).Select(static label => label.Groups[1].Value)).Distinct()]));
        }

        return found;
    }

    private static IEnumerable<string> Queries(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(static property =>
            property is { Name: "expr" or "query", Value.ValueKind: JsonValueKind.String } ? [property.Value.GetString()!] : Queries(property.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Queries),
        _ => [],
    };

    [GeneratedRegex("""\b(?<name>dramatiq_[a-z_]+)(\{(?<labels>[^}]*)\})?""")]
    private static partial Regex Metric();

    [GeneratedRegex("""([a-z_]+)\s*(?:=~|!~|!=|=)""")]
    private static partial Regex Selector();

    [GeneratedRegex("""by\s*\(([^)]*)\)""")]
    private static partial Regex Grouping();
}
