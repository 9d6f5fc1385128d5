using System.Text;
using CountWords;

namespace Dramatiq.Akka.Tests.Examples.CountWords;

/// <summary>What <c>wc -w</c> of coreutils 9.1 answered under LC_ALL=C.UTF-8 (glibc 2.36), recorded.</summary>
public sealed class WordScannerSpec
{
    [Theory]
    [InlineData("", 0)]
    [InlineData(" \t\n\v\f\r", 0)]
    [InlineData("one", 1)]
    [InlineData("one\n", 1)]
    [InlineData("  one  two\tthree\r\nfour\vfive\fsix", 6)]
    [InlineData("Grüße aus 北京 😀", 4)]
    [InlineData("e\u0301", 1)]           // a combining mark goes with its letter
    [InlineData("\u0301", 1)]
    [InlineData("a\u00a0b", 2)]          // no-break spaces separate ...
    [InlineData("a\u2007b\u202fc", 3)]
    [InlineData("a\u2060b", 2)]          // ... and so does the word joiner
    [InlineData("a\u1680b\u2003c\u205fd\u3000e", 5)]
    [InlineData("a\u200bb", 1)]          // a zero-width space does not
    [InlineData("\u200b", 1)]
    [InlineData("\ufeffa", 1)]
    [InlineData("\ufeff", 1)]
    [InlineData("\u00ad", 1)]
    [InlineData("\ue000", 1)]            // private use is part of a word
    [InlineData("a\u0085b", 1)]          // control characters are nothing ...
    [InlineData("\u0085", 0)]
    [InlineData("\0\u0001\u001b\u001c\u001f\u007f", 0)]
    [InlineData("a\0b", 1)]
    [InlineData("a \0 b", 2)]
    [InlineData("a\u2028b\u2029c", 1)]   // ... and so are line and paragraph separators,
    [InlineData("\u2028", 0)]
    [InlineData("a\u0378b", 1)]          // unassigned code points
    [InlineData("\u0378 \uffff", 0)]
    public void Scanner_must_count_text_as_wc_does(string text, long words) => Assert.Equal((words, 0L, null), Count(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("FF", 0, 1, 0)]
    [InlineData("61FF62", 1, 1, 1)]              // neither a word nor the end of one
    [InlineData("61 20 FF 20 62", 2, 1, 2)]
    [InlineData("80 80", 0, 2, 0)]
    [InlineData("61 C3", 1, 1, 1)]               // cut off at the end
    [InlineData("E2 82 20 61", 1, 1, 0)]         // cut off by a space, which separates all the same
    [InlineData("E2 82 61", 1, 1, 0)]
    [InlineData("C0 AF", 0, 2, 0)]               // longer than need be
    [InlineData("ED A0 80", 0, 3, 0)]            // half of a surrogate pair
    [InlineData("F4 90 80 80", 0, 4, 0)]         // beyond Unicode
    [InlineData("62 6F 6E 6A 6F 75 72 20 E9 74 E9", 2, 2, 8)]   // Latin-1
    public void Scanner_must_pass_over_what_is_not_utf8(string hex, long words, long errors, long firstAt) =>
        Assert.Equal((words, errors, firstAt), Count(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal))));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void Scanner_must_not_care_where_pieces_end(int size)
    {
        var random = new Random(7);
        byte[][] parts = ["a"u8.ToArray(), " "u8.ToArray(), "é"u8.ToArray(), "北"u8.ToArray(), "😀"u8.ToArray(), "\u3000"u8.ToArray(), [0xFF], [0xE2, 0x82], [0xF0, 0x9F], [0]];
        byte[] bytes = [.. Enumerable.Range(0, 5_000).SelectMany(_ => parts[random.Next(parts.Length)])];

        Assert.Equal(Count(bytes), Count(bytes, size));
    }

    private static (long Words, long Errors, long? FirstAt) Count(ReadOnlySpan<byte> bytes, int size = int.MaxValue)
    {
        var scanner = new WordScanner();
        var at = 0;
        var end = 0;
        while (true)
        {
            end = (int)Math.Min(bytes.Length, (long)end + size);
            var isLast = end == bytes.Length;
            at += scanner.Scan(bytes[at..end], isLast);
            if (isLast)
                return (scanner.Words, scanner.EncodingErrors, scanner.FirstErrorAt);
        }
    }
}
