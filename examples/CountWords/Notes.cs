using System.Globalization;

namespace CountWords;

/// <summary>What the table says beside a number.</summary>
internal static class Notes
{
    public static string? OfEncoding(long errors, long? firstAt) => errors switch
    {
        0 => null,
        1 => string.Create(CultureInfo.InvariantCulture, $"not UTF-8 at byte {firstAt}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"not UTF-8 in {errors} places, first at byte {firstAt}"),
    };

    /// <summary>The reason of a failed task, from its exception's type and message as its result has them.</summary>
    public static string OfFailure(string type, string message) => type switch
    {
        nameof(FileNotFoundException) or nameof(DirectoryNotFoundException) => "no such file",
        nameof(UnauthorizedAccessException) => "permission denied",
        _ => message,
    };

    /// <summary>Text for a line of output: control characters, which a file's name may hold, are shown as escapes.</summary>
    public static string Printable(string text) => text.Any(char.IsControl)
        ? string.Concat(text.Select(static one => char.IsControl(one) ? string.Create(CultureInfo.InvariantCulture, $"\\x{(int)one:x2}") : one.ToString()))
        : text;
}
