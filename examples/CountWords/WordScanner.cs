using System.Buffers;
using System.Globalization;
using System.Text;

namespace CountWords;

/// <summary>
/// Counts words in UTF-8 as <c>wc -w</c> of GNU coreutils 9.1 does in a UTF-8 locale, piece by piece. Each character is one of three things: a separator, part of a word,
/// or nothing at all. Nothing at all are control characters, unassigned code points, line and paragraph separators, and bytes that are not UTF-8: they neither
/// make a word nor end one.
/// </summary>
/// <remarks>Which code points are assigned is .NET's Unicode data here and the C library's there, so a word made of nothing but the newest characters may differ.</remarks>
internal sealed class WordScanner
{
    private const byte Nothing = 0, Separator = 1, Word = 2, MultiByte = 3;
    private static readonly byte[] Kinds = [.. Enumerable.Range(0, 256).Select(KindOf)];
    private bool _inWord;
    private long _scanned;

    /// <summary>The words that have begun so far.</summary>
    public long Words { get; private set; }

    /// <summary>How many runs of bytes were not UTF-8.</summary>
    public long EncodingErrors { get; private set; }

    /// <summary>Where the first of them stands, counted from 0; null for none.</summary>
    public long? FirstErrorAt { get; private set; }

    /// <summary>Takes the next bytes.</summary>
    /// <param name="bytes">What follows on the bytes consumed so far.</param>
    /// <param name="isLast">Whether nothing comes after them.</param>
    /// <returns>How many were consumed. Up to 3 are not, when they begin a character that goes on beyond them: bring them again, with more.</returns>
    public int Scan(ReadOnlySpan<byte> bytes, bool isLast)
    {
        var kinds = Kinds;
        var inWord = _inWord;
        var words = 0L;
        var i = 0;
        while (i < bytes.Length)
        {
            int kind = kinds[bytes[i]];
            if (kind == MultiByte)
            {
                var status = Rune.DecodeFromUtf8(bytes[i..], out var rune, out var length);
                if (status is OperationStatus.NeedMoreData && !isLast)
                    break;

                kind = status is OperationStatus.Done ? KindOf(rune) : Error(i);
                i += length;
            }
            else
            {
                i++;
            }

            if (kind == Separator)
            {
                inWord = false;
            }
            else if (kind == Word && !inWord)
            {
                inWord = true;
                words++;
            }
        }

        _inWord = inWord;
        _scanned += i;
        Words += words;
        return i;
    }

    private int Error(int index)
    {
        EncodingErrors++;
        FirstErrorAt ??= _scanned + index;
        return Nothing;
    }

    private static byte KindOf(int value) => value switch
    {
        >= 0x80 => MultiByte,
        >= 0x09 and <= 0x0D or 0x20 => Separator,
        < 0x20 or 0x7F => Nothing,
        _ => Word,
    };

    /// <summary>What a character beyond ASCII is. No-break spaces and the word joiner separate words too, although the C library does not call them spaces.</summary>
    private static int KindOf(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.SpaceSeparator => Separator,
        UnicodeCategory.Control or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => Nothing,
        _ => rune.Value == 0x2060 ? Separator : Word,
    };
}
