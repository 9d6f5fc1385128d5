namespace Dramatiq.Akka.Messages;

/// <summary>
/// Carries <c>NaN</c>, <c>Infinity</c> and <c>-Infinity</c> through a serializer that refuses them: as strings with one
/// escaped letter. No writer escapes a letter that needs none, so they cannot be taken for strings of the sender.
/// </summary>
internal static class BareTokens
{
    /// <summary>Whether there may be a token: the letters can also be inside a string.</summary>
    internal static bool MayBeIn(ReadOnlySpan<byte> json) =>
        json.IndexOf("NaN"u8) >= 0 || json.IndexOf("Infinity"u8) >= 0;

    /// <summary>The string that stands for a token, quotes included.</summary>
    internal static ReadOnlySpan<byte> Quoted(ReadOnlySpan<byte> token) => token[0] switch
    {
        (byte)'N' => "\"\\u004eaN\""u8,
        (byte)'I' => "\"\\u0049nfinity\""u8,
        _ => "\"-\\u0049nfinity\""u8,
    };

    /// <summary>Gives the token that the text between quotes stands for; false if it is a string.</summary>
    internal static bool TryGet(ReadOnlySpan<byte> raw, out ReadOnlySpan<byte> token)
    {
        token = raw.SequenceEqual("\\u004eaN"u8) ? "NaN"u8
            : raw.SequenceEqual("\\u0049nfinity"u8) ? "Infinity"u8
            : raw.SequenceEqual("-\\u0049nfinity"u8) ? "-Infinity"u8
            : default;
        return !token.IsEmpty;
    }
}
