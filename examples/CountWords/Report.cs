using System.Globalization;
using Spectre.Console;

namespace CountWords;

/// <summary>The table at the end: drawn on a terminal, plain columns in a pipe or a file.</summary>
internal static class Report
{
    public static void Write(IReadOnlyList<FileCount> counts)
    {
        if (Console.IsOutputRedirected)
            WritePlain(counts, Console.Out);
        else
            WriteTable(counts, AnsiConsole.Console);
    }

    /// <summary>A line for each file, with the words first and whole paths, for people and programs alike.</summary>
    internal static void WritePlain(IReadOnlyList<FileCount> counts, TextWriter output)
    {
        var total = Total(counts).ToString(CultureInfo.InvariantCulture);
        var width = Math.Max(total.Length, 5);
        foreach (var count in counts)
        {
            var words = count.Words?.ToString(CultureInfo.InvariantCulture) ?? "-";
            output.WriteLine($"{words.PadLeft(width)}  {Notes.Printable(count.Path)}{(Remark(count) is { } remark ? $"  ({remark})" : "")}");
        }

        output.WriteLine($"{total.PadLeft(width)}  total{Summary(counts)}");
    }

    internal static void WriteTable(IReadOnlyList<FileCount> counts, IAnsiConsole console)
    {
        var hasNotes = counts.Any(static count => Remark(count) is not null);
        var table = new Table { Border = console.Profile.Capabilities.Unicode ? TableBorder.Rounded : TableBorder.Ascii, ShowFooters = true };
        table.AddColumn(new TableColumn("File") { Footer = new Text($"total{Summary(counts)}") });
        table.AddColumn(new TableColumn("Words") { Alignment = Justify.Right, NoWrap = true, Footer = new Text(Number(Total(counts))) });
        if (hasNotes)
            table.AddColumn(new TableColumn("Note"));

        foreach (var count in counts)
        {
            var path = new Text(Notes.Printable(count.Path)) { Overflow = Overflow.Fold };
            var words = new Text(count.Words is { } number ? Number(number) : "-");
            var remark = new Text(Remark(count) ?? "", count.Failure is null ? new Style(Color.Yellow) : new Style(Color.Red)) { Overflow = Overflow.Fold };
            table.AddRow(hasNotes ? [path, words, remark] : [path, words]);
        }

        console.Write(table);
    }

    private static string? Remark(FileCount count) => count.Failure is { } failure ? "failed: " + Notes.Printable(failure) : count.Note;

    private static long Total(IEnumerable<FileCount> counts) => counts.Sum(static count => count.Words ?? 0);

    private static string Summary(IReadOnlyList<FileCount> counts)
    {
        var failed = counts.Count(static count => count.Failure is not null);
        var files = counts.Count == 1 ? "1 file" : Number(counts.Count) + " files";
        return failed == 0 ? $" of {files}" : $" of {files}, {Number(failed)} failed";
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
