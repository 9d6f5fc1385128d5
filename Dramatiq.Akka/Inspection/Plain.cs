using System.Text;

namespace Dramatiq.Akka.Inspection;

/// <summary>JSON as people read it.</summary>
internal static class Plain
{
    /// <summary>With <c>\uXXXX</c>, which Python writes for whatever is not ASCII, as the characters; other escapes stay.</summary>
    public static string Text(string json)
    {
        if (!json.Contains("\\u", StringComparison.Ordinal))
            return json;

        var text = new StringBuilder(json.Length);
        for (var i = 0; i < json.Length; i++)
        {
            if (json[i] is not '\\' || i + 1 == json.Length)
            {
                text.Append(json[i]);
            }
            else if (json[i + 1] is 'u' && i + 6 <= json.Length && ushort.TryParse(json.AsSpan(i + 2, 4), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var code) && code >= ' ')
            {
                text.Append((char)code);
                i += 5;
            }
            else
            {
                text.Append(json[i]).Append(json[++i]);
            }
        }

        return text.ToString();
    }
}
