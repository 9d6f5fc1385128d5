using CountWords;
using Spectre.Console;

namespace Dramatiq.Akka.Tests.Examples.CountWords;

public sealed class ReportSpec
{
    private static readonly FileCount[] Counts =
    [
        new("a.txt", 12_345, null, null),
        new(string.Join('/', Enumerable.Repeat("a-long-folder-name", 20)) + "/[red]file[/].txt", 2, "not UTF-8 at byte 7", null),
        new("evil\u001b[31m\n.txt", null, null, "no such file"),
    ];

    [Fact]
    public void Plain_report_must_hold_whole_paths_and_no_control_characters()
    {
        var output = new StringWriter { NewLine = "\n" };
        Report.WritePlain(Counts, output);
        Assert.Equal(
            $"12345  a.txt\n    2  {Counts[1].Path}  (not UTF-8 at byte 7)\n    -  evil\\x1b[31m\\x0a.txt  (failed: no such file)\n12347  total of 3 files, 1 failed\n",
            output.ToString());
    }

    [Theory]
    [InlineData(120)]
    [InlineData(80)]
    [InlineData(40)]
    public void Table_must_fit_its_terminal_and_lose_nothing(int width)
    {
        var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = width;
        console.Profile.Capabilities.Unicode = true;

        Report.WriteTable(Counts, console);

        var lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.TrimEnd('\r')).ToArray();
        Assert.All(lines, line => Assert.InRange(line.Length, 1, width));
        Assert.Single(lines.Select(static line => line.Length).Distinct());
        var path = string.Concat(lines.Select(static line => line.Split('│')).Where(static cells => cells.Length > 1).Select(static cells => cells[1].Trim()));
        Assert.Contains(Counts[1].Path, path, StringComparison.Ordinal);
        Assert.Contains("12,345", output.ToString(), StringComparison.Ordinal);
    }
}
