using System.Text.Json;
using Spectre.Console.Rendering;

namespace Dramatiq.Akka.Cli.Output;

/// <summary>Shows JSON whose form is not known beforehand: a list of objects as a table, an object as names and values, anything else as it is.</summary>
internal static class JsonView
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Show(Paper paper, JsonElement json)
    {
        // A record that only holds a list is that list.
        if (json.ValueKind is JsonValueKind.Object && json.EnumerateObject().Count() == 1 && json.EnumerateObject().First().Value is { ValueKind: JsonValueKind.Array } only && IsTable(only))
            json = only;

        if (IsTable(json))
            paper.Table(TableOf(json));
        else if (json.ValueKind is JsonValueKind.Object)
            paper.Write(FactsOf(json, paper.Width));
        else if (json.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined))
            paper.Text(TextOf(json, whole: true));
    }

    private static bool IsTable(JsonElement json) =>
        json.ValueKind is JsonValueKind.Array && json.GetArrayLength() > 0 && json.EnumerateArray().All(static row => row.ValueKind is JsonValueKind.Object);

    private static Listing TableOf(JsonElement rows)
    {
        List<string> names = [.. rows.EnumerateArray().SelectMany(static row => row.EnumerateObject().Select(static cell => cell.Name)).Distinct()];
        var listing = new Listing([.. names.Select(name => new Column(
            SafeText.Line(name).ToUpperInvariant(), rows.EnumerateArray().All(row => !row.TryGetProperty(name, out var cell) || cell.ValueKind is JsonValueKind.Number or JsonValueKind.Null), Least: 8))]);
        foreach (var row in rows.EnumerateArray())
            listing.Add([.. names.Select(name => (Cell)(row.TryGetProperty(name, out var cell) ? TextOf(cell, whole: false) : Units.Unknown))]);
        return listing;
    }

    private static IRenderable FactsOf(JsonElement json, int? width)
    {
        var facts = new Facts();
        foreach (var member in json.EnumerateObject())
            facts.Add(SafeText.Line(member.Name), TextOf(member.Value, whole: true));
        return facts.Fit(width);
    }

    private static string TextOf(JsonElement json, bool whole) => json.ValueKind switch
    {
        JsonValueKind.Null => Units.Unknown,
        JsonValueKind.String => json.GetString()!,
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        JsonValueKind.Object or JsonValueKind.Array when whole => JsonSerializer.Serialize(json, Indented),
        _ => json.GetRawText(),
    };
}
