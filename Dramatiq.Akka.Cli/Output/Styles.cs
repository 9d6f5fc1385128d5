using Spectre.Console;

namespace Dramatiq.Akka.Cli.Output;

/// <summary>The few colors there are: from the terminal's own sixteen, so that they are readable on dark and light alike. No color says what no word says.</summary>
internal static class Styles
{
    public static Style Plain { get; } = Style.Plain;

    public static Style Head { get; } = new(decoration: Decoration.Bold);

    public static Style Title { get; } = new(decoration: Decoration.Bold);

    public static Style Quiet { get; } = new(decoration: Decoration.Dim);

    public static Style Good { get; } = new(Color.Green);

    public static Style Warning { get; } = new(Color.Olive);

    public static Style Bad { get; } = new(Color.Maroon);
}
