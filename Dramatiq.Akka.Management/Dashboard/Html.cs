using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Dramatiq.Akka.Management.Dashboard;

/// <summary>
/// Writes a page. What stands in a template is markup, and what is put into its holes is text, which is encoded: there is no way to forget it. Only <see cref="Markup"/> passes as it is.
/// </summary>
internal sealed class Html
{
    private readonly StringBuilder _text = new(16 * 1024);

    /// <summary>The template has written itself by the time it comes here.</summary>
    public Html Add([InterpolatedStringHandlerArgument("")] Template template)
    {
        _ = template;
        return this;
    }

    public void Add(Markup markup) => _text.Append(markup.Text);

    public Markup ToMarkup() => new(_text.ToString());

    public override string ToString() => _text.ToString();

    /// <summary>What the compiler makes of <c>$"…"</c> in <see cref="Add(Template)"/>.</summary>
    [InterpolatedStringHandler]
    internal readonly ref struct Template
    {
        private readonly StringBuilder _text;

        public Template(int literalLength, int formattedCount, Html html)
        {
            _ = literalLength + formattedCount;
            _text = html._text;
        }

        public void AppendLiteral(string markup) => _text.Append(markup);

        public void AppendFormatted(Markup markup) => _text.Append(markup.Text);

        public void AppendFormatted(string? text) => Encode(_text, text);

        public void AppendFormatted(int number) => _text.Append(CultureInfo.InvariantCulture, $"{number}");

        public void AppendFormatted(long number) => _text.Append(CultureInfo.InvariantCulture, $"{number}");

        public void AppendFormatted(double number) => _text.Append(CultureInfo.InvariantCulture, $"{number:0.##}");
    }

    /// <summary>
    /// Text as text, in an element as in an attribute. Control characters, and those that turn the direction of writing, are shown by their code: an argument may hold anything,
    /// and must not make a reader take it for something else.
    /// </summary>
    private static void Encode(StringBuilder to, string? text)
    {
        foreach (var character in text ?? "")
        {
            _ = character switch
            {
                '&' => to.Append("&amp;"),
                '<' => to.Append("&lt;"),
                '>' => to.Append("&gt;"),
                '"' => to.Append("&quot;"),
                '\'' => to.Append("&#39;"),
                '\n' or '\t' => to.Append(character),
                < ' ' or (>= '\u007f' and <= '\u009f') or (>= '\u200b' and <= '\u200f') or (>= '\u2028' and <= '\u202e') or (>= '\u2060' and <= '\u206f') or '\ufeff' or '\ufffe' or '\uffff' =>
                    to.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => to.Append(character),
            };
        }
    }
}

/// <summary>Markup that was written by a template, or is a constant.</summary>
internal readonly record struct Markup(string Text)
{
    public static Markup Empty { get; } = new("");

    /// <summary>A template of its own.</summary>
    public static Markup Of(Action<Html> write)
    {
        var html = new Html();
        write(html);
        return html.ToMarkup();
    }
}
