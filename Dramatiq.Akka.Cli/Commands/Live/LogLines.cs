using System.Globalization;
using System.Text.Json;
using Dramatiq.Akka.Cli.Output;
using Spectre.Console;

namespace Dramatiq.Akka.Cli.Commands.Live;

/// <summary>Events as lines of text.</summary>
internal static class LogLines
{
    public static void Show(Paper paper, JsonDocument line)
    {
        var level = Member(line, "level") ?? "";
        Write(paper, line, level.ToUpperInvariant(), level switch { "error" => Styles.Bad, "warning" => Styles.Warning, _ => Styles.Quiet }, Member(line, "text") ?? "", Member(line, "source"));
        if (Member(line, "error") is { } error)
            paper.Text("    " + error.ReplaceLineEndings("\n    "), Styles.Bad);
    }

    public static void ShowMessage(Paper paper, JsonDocument told)
    {
        var happening = Member(told, "happening") ?? "";
        var style = happening switch { "done" => Styles.Good, "dead" or "abandoned" => Styles.Bad, _ => Styles.Warning };
        var reason = Member(told, "reason") is { } why ? ": " + why : "";
        Write(paper, told, happening.ToUpperInvariant(), style, $"{Member(told, "actorName") ?? "(no message)"} {Member(told, "messageId")}{reason}", Member(told, "queue"));
    }

    public static string? Member(JsonDocument json, string name) =>
        json.RootElement.ValueKind is JsonValueKind.Object && json.RootElement.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static void Write(Paper paper, JsonDocument told, string word, Style style, string text, string? source)
    {
        var at = DateTimeOffset.TryParse(Member(told, "at"), CultureInfo.InvariantCulture, out var time) ? Units.Time(time) : "";
        paper.Write(new Rows(new Paragraph()
            .Append(at + " ", Styles.Quiet)
            .Append(SafeText.Line(word).PadRight(8), style)
            .Append(SafeText.Line(source ?? "") + " ", Styles.Quiet)
            .Append(SafeText.Lines(text).TrimEnd('\n').Replace("\n", "\n    ", StringComparison.Ordinal))));
    }
}
