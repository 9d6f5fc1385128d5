namespace Dramatiq.Akka.Workers;

/// <summary>An exception as text for the option <c>traceback</c>, cut to 30 lines as Python's Dramatiq cuts its frames.</summary>
internal static class Traceback
{
    private const int MostLines = 30;
    private const int MostCharacters = 8_000;

    public static string Of(Exception error)
    {
        var text = error.ToString();
        var end = 0;
        for (var line = 0; line < MostLines && end >= 0; line++)
            end = text.IndexOf('\n', end + 1);

        if (end > 0)
            text = text[..end];
        return text.Length > MostCharacters ? text[..MostCharacters] : text;
    }
}
