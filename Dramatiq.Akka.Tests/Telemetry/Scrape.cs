using System.Globalization;
using System.Text.RegularExpressions;

namespace Dramatiq.Akka.Tests.Telemetry;

/// <summary>What Prometheus reads.</summary>
internal sealed partial class Scrape
{
    private readonly List<(string Name, Dictionary<string, string> Labels, double Value)> _samples = [];
    private readonly Dictionary<string, string> _types = new(StringComparer.Ordinal);

    public Scrape(string text)
    {
        Text = text;
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
                _types[line.Split(' ')[2]] = line.Split(' ')[3];
            if (line[0] == '#' || SampleLine().Match(line) is not { Success: true } match)
                continue;

            var labels = Label().Matches(match.Groups["labels"].Value).ToDictionary(static label => label.Groups[1].Value, static label => label.Groups[2].Value);
            _samples.Add((match.Groups["name"].Value, labels, double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture)));
        }
    }

    public string Text { get; }

    public IReadOnlyDictionary<string, string> Types => _types;

    public IReadOnlySet<string> Names => _samples.Select(static sample => sample.Name).ToHashSet(StringComparer.Ordinal);

    /// <summary>The labels of a metric's samples, less those of the exporter.</summary>
    public IReadOnlySet<string> LabelsOf(string name) =>
        _samples.Where(sample => sample.Name == name).SelectMany(static sample => sample.Labels.Keys).Where(static label => !label.StartsWith("otel_scope_", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);

    public IEnumerable<string> ValuesOf(string name, string label) => _samples.Where(sample => sample.Name == name).Select(sample => sample.Labels.GetValueOrDefault(label, ""));

    /// <summary>The one sample with these labels; null if there is none.</summary>
    public double? Value(string name, params (string Label, string Value)[] labels)
    {
        var found = _samples.Where(sample => sample.Name == name && labels.All(label => sample.Labels.GetValueOrDefault(label.Label) == label.Value)).ToArray();
        return found.Length switch
        {
            0 => null,
            1 => found[0].Value,
            _ => throw new InvalidOperationException($"{found.Length} samples of {name} fit:\n{Text}"),
        };
    }

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<labels>.*)\})? (?<value>[^ ]+)""")]
    private static partial Regex SampleLine();

    [GeneratedRegex("""([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)" """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Label();
}
