using System.Buffers;
using System.Globalization;
using System.Text;

namespace Dramatiq.Akka.Cli.Output;

/// <summary>
/// Makes text from elsewhere fit for a terminal. What is in a message was written by anybody, and a terminal obeys what it is shown: a sequence that begins with ESC can change its title,
/// hide lines, or on some terminals type for whoever reads. So every character that is not there to be seen becomes its escape.
/// </summary>
internal static class SafeText
{
    /// <summary>C0 and C1 controls, marks that turn the direction of writing around, separators of lines, and what is seen nowhere.</summary>
    private static readonly SearchValues<char> Unsafe = SearchValues.Create(
        [.. Range('\u0000', '\u001f'), .. Range('\u007f', '\u009f'), '\u00ad', '\u061c', .. Range('\u200b', '\u200f'), .. Range('\u2028', '\u202e'), .. Range('\u2060', '\u206f'), '\ufeff', .. Range('\ufff9', '\ufffb'), .. Range('\ud800', '\udfff')]);

    /// <summary>As one line: a line break is an escape too.</summary>
    public static string Line(string text) => Of(text, keepsLines: false);

    /// <summary>With its line breaks.</summary>
    public static string Lines(string text) => Of(text, keepsLines: true);

    private static string Of(string text, bool keepsLines)
    {
        var first = text.AsSpan().IndexOfAny(Unsafe);
        if (first < 0)
            return text;

        var safe = new StringBuilder(text.Length + 16).Append(text, 0, first);
        for (var at = first; at < text.Length; at++)
            Append(safe, text, ref at, keepsLines);
        return safe.ToString();
    }

    private static void Append(StringBuilder safe, string text, ref int at, bool keepsLines)
    {
        var letter = text[at];
        if (!Unsafe.Contains(letter))
            safe.Append(letter);
        else if (char.IsHighSurrogate(letter) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]))
            AppendPair(safe, letter, text[++at]);
        else if (keepsLines && letter is '\n')
            safe.Append('\n');
        else if (keepsLines && letter is '\t')
            safe.Append("    ");
        else if (!(keepsLines && letter is '\r' && at + 1 < text.Length && text[at + 1] is '\n'))
            safe.Append(Escape(letter));
    }

    /// <summary>Pairs are emoji and rare letters; some are format characters too, such as tags that nobody sees.</summary>
    private static void AppendPair(StringBuilder safe, char high, char low)
    {
        var rune = new Rune(high, low);
        if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned)
            safe.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}");
        else
            safe.Append(high).Append(low);
    }

    private static string Escape(char letter) => letter switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        < (char)0x100 => string.Create(CultureInfo.InvariantCulture, $"\\x{(int)letter:x2}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}"),
    };

    private static IEnumerable<char> Range(char first, char last) => Enumerable.Range(first, last - first + 1).Select(static code => (char)code);
}
