using System.Text;
using Spectre.Console.Rendering;

namespace Dramatiq.Akka.Cli.Output;

/// <summary>A picture that is drawn over itself, on the terminal's second screen: what was on the first is there again afterwards.</summary>
internal sealed class LiveView : IDisposable
{
    // Second screen, no cursor. Lines that are too long are cut and not continued below, in case the window shrinks while it is drawn.
    private const string Enter = "\e[?1049h\e[?25l\e[?7l";
    private const string Leave = "\e[?7h\e[?25h\e[?1049l";

    // Terminals that know it show the whole picture at once; others pass over it.
    private const string Begin = "\e[?2026h\e[H";
    private const string End = "\e[J\e[?2026l";

    private readonly Surroundings _around;
    private readonly Paper _paper;

    public LiveView(Surroundings around, Paper paper)
    {
        _around = around;
        _paper = paper;
        Write(Enter);
    }

    /// <summary>Draws.</summary>
    /// <param name="picture">Of the size it is given: columns and rows. What is below the last row is not seen.</param>
    public void Draw(Func<int, int, IRenderable> picture)
    {
        var (width, height) = _around.Size();
        // The last column stays free: what erases the rest of a line would take the letter there.
        var lines = _paper.Render(picture(width - 1, height), width - 1).TrimEnd('\n').Split('\n');
        var text = new StringBuilder(Begin);
        for (var at = 0; at < lines.Length && at < height; at++)
            text.Append(at == 0 ? "" : "\r\n").Append(lines[at].TrimEnd('\r')).Append("\e[K");
        Write(text.Append(End).ToString());
    }

    public void Dispose() => Write(Leave);

    private void Write(string text)
    {
        _around.Out.Write(text);
        _around.Out.Flush();
    }
}
