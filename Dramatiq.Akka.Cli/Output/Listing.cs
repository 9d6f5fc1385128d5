using System.Globalization;
using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Dramatiq.Akka.Cli.Output;

/// <summary>A column of a <see cref="Listing"/>.</summary>
/// <param name="Header">Its head.</param>
/// <param name="IsNumber">Whether it is written flush right.</param>
/// <param name="Least">To how many characters it may be cut where the screen is narrow; 0 for not at all.</param>
/// <param name="Rank">The highest is left out first where it is narrower still; 0 for never.</param>
internal sealed record Column(string Header, bool IsNumber = false, int Least = 0, int Rank = 0);

/// <summary>A cell of a <see cref="Listing"/>.</summary>
internal readonly record struct Cell(string Text, Style? Style = null)
{
    public static implicit operator Cell(string text) => new(text);
}

/// <summary>Rows in columns, each on one line: cut to the screen, and whole in a file.</summary>
internal sealed class Listing(params Column[] columns)
{
    private const string Gap = "  ";

    private readonly List<Cell[]> _rows = [];

    public int Count => _rows.Count;

    public void Add(params Cell[] cells) => _rows.Add([.. cells.Select(static cell => cell with { Text = SafeText.Line(cell.Text) })]);

    /// <param name="width">How wide it may be; null for as wide as it is.</param>
    /// <param name="most">How many rows.</param>
    public IRenderable Fit(int? width, int most = int.MaxValue)
    {
        var (shown, widths) = Layout(width);
        return new Rows([LineOf(Heads(), shown, widths), .. _rows.Take(most).Select(row => LineOf(row, shown, widths))]);
    }

    private Cell[] Heads() => [.. columns.Select(static column => new Cell(column.Header, Styles.Head))];

    private (List<int> Shown, int[] Widths) Layout(int? width)
    {
        int[] widths = [.. columns.Select((column, at) => _rows.Select(row => row[at].Text.GetCellWidth()).Append(column.Header.GetCellWidth()).Max())];
        List<int> shown = [.. Enumerable.Range(0, columns.Length)];
        if (width is not { } most)
            return (shown, widths);

        // What does not fit even when everything is cut as far as it may be, goes; what is left is cut only as far as it must be, the widest first.
        while (Total(Least) > most && shown.Where(at => columns[at].Rank > 0).OrderByDescending(at => columns[at].Rank).Cast<int?>().FirstOrDefault() is { } last)
            shown.Remove(last);
        while (Total(at => widths[at]) > most)
        {
            var widest = shown.Where(at => widths[at] > Least(at)).OrderByDescending(at => widths[at]).Cast<int?>().FirstOrDefault() ?? shown.MaxBy(at => widths[at]);
            if (widths[widest] == 1)
                break;
            widths[widest]--;
        }

        return (shown, widths);

        int Total(Func<int, int> widthOf) => shown.Sum(widthOf) + ((shown.Count - 1) * Gap.Length);

        int Least(int at) => columns[at].Least == 0 ? widths[at] : Math.Min(widths[at], Math.Max(columns[at].Least, columns[at].Header.Length));
    }

    private Paragraph LineOf(Cell[] row, List<int> shown, int[] widths)
    {
        var line = new Paragraph();
        for (var i = 0; i < shown.Count; i++)
        {
            var (column, cell, width) = (columns[shown[i]], row[shown[i]], widths[shown[i]]);
            var text = Cut(cell.Text, width);
            var fill = new string(' ', width - text.GetCellWidth());
            if (i > 0)
                line.Append(Gap);
            if (column.IsNumber)
                line.Append(fill);
            line.Append(text, cell.Style);
            if (!column.IsNumber && i < shown.Count - 1)
                line.Append(fill);
        }

        return line;
    }

    private static string Cut(string text, int width)
    {
        if (text.GetCellWidth() <= width)
            return text;

        var kept = new StringBuilder();
        var used = 0;
        var letters = StringInfo.GetTextElementEnumerator(text);
        while (letters.MoveNext())
        {
            var letter = letters.GetTextElement();
            used += letter.GetCellWidth();
            if (used > width - 1)
                break;
            kept.Append(letter);
        }

        return kept.Append('…').ToString();
    }
}
