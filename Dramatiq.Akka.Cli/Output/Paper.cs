using System.Buffers;
using System.Text;
using System.Text.Json;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Dramatiq.Akka.Cli.Output;

/// <summary>What a command writes on: text and tables, or JSON.</summary>
internal sealed class Paper(Surroundings around, bool isJson, bool hasColor)
{
    /// <summary>What is no terminal has no width: there nothing is cut.</summary>
    private const int Endless = 100_000;

    public bool IsJson => isJson;

    /// <summary>Null where nothing must be cut.</summary>
    public int? Width => around.HasScreen ? around.Size().Width : null;

    /// <summary>One line of JSON. It is written anew, so that no character of it can reach the terminal as a control.</summary>
    public void Json(JsonElement json)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
            json.WriteTo(writer);
        around.Out.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
        around.Out.Flush();
    }

    /// <summary>A line, or several.</summary>
    public void Text(string text, Style? style = null) => Write(new Rows(SafeText.Lines(text).Split('\n').Select(line => new Text(line, style))));

    public void Table(Listing listing) => Write(listing.Fit(Width));

    public void Write(IRenderable shown)
    {
        around.Out.Write(Render(shown, Width));
        around.Out.Flush();
    }

    /// <summary>The text of it, with colors where they are wanted.</summary>
    /// <param name="shown">What to write.</param>
    /// <param name="width">Where lines end; null for nowhere.</param>
    public string Render(IRenderable shown, int? width)
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = hasColor ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = hasColor ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = width ?? Endless;
        console.Profile.Capabilities.Unicode = true;
        console.Profile.Capabilities.Links = false;
        console.Write(shown);
        return text.ToString();
    }

    /// <summary>Something beside the answer, on the error output.</summary>
    public void Note(string text)
    {
        around.Error.WriteLine(SafeText.Lines(text));
        around.Error.Flush();
    }
}
