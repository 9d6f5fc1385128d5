using Spectre.Console;
using Spectre.Console.Rendering;

namespace Dramatiq.Akka.Cli.Output;

/// <summary>Names and values, one below the other.</summary>
internal sealed class Facts
{
    private readonly List<(string Name, string Value, Style? Style)> _facts = [];

    public void Add(string name, string? value, Style? style = null)
    {
        if (value is not null)
            _facts.Add((name, SafeText.Lines(value), style));
    }

    /// <param name="width">Where lines end; null for nowhere.</param>
    public IRenderable Fit(int? width)
    {
        var indent = _facts.Count == 0 ? 0 : _facts.Max(static fact => fact.Name.GetCellWidth()) + 2;
        return new Rows(_facts.SelectMany(fact => LinesOf(fact, indent, width)));
    }

    private static IEnumerable<IRenderable> LinesOf((string Name, string Value, Style? Style) fact, int indent, int? width)
    {
        var name = fact.Name;
        foreach (var line in fact.Value.Split('\n').SelectMany(line => Folded(line, width is { } most ? Math.Max(20, most - indent) : int.MaxValue)))
        {
            yield return new Paragraph().Append(name.PadRight(indent), Styles.Head).Append(line, fact.Style);
            name = "";
        }
    }

    /// <summary>Nothing is cut here, so that what is long goes on below itself.</summary>
    private static IEnumerable<string> Folded(string line, int width)
    {
        while (line.GetCellWidth() > width)
        {
            var end = 0;
            for (var used = 0; end < line.Length && (used += line[end].GetCellWidth()) <= width;)
                end++;
            if (end > 1 && char.IsHighSurrogate(line[end - 1]))
                end--;
            yield return line[..Math.Max(1, end)];
            line = line[Math.Max(1, end)..];
        }

        yield return line;
    }
}
