using System.Text.RegularExpressions;

namespace Dramatiq.Akka.Management.Security;

/// <summary>
/// Takes out of errors what is nobody's business: passwords in URLs and connection strings, and folders of files. A client of a broker says in its errors what it connects to, and so
/// does a handler; arguments are left alone, since they are what one looks for.
/// </summary>
internal static partial class Redaction
{
    /// <summary>What an error says, without secrets and folders. The names of files and their lines stay: a stack is of no use without.</summary>
    public static string? Of(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return text;

        text = UserInfo().Replace(text, "$1***@");
        text = Secret().Replace(text, "$1***");
        text = WindowsFolder().Replace(text, "");
        return UnixFolder().Replace(text, "");
    }

    /// <summary>What a broker's error says, without where the broker is as well.</summary>
    public static string? OfBroker(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return text;

        text = Url().Replace(text, "$1://***");
        text = EndPoint().Replace(text, "***");
        return Of(text);
    }

    [GeneratedRegex(@"([a-z][a-z0-9+.\-]*://)[^\s/@""'<>]*@", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex UserInfo();

    [GeneratedRegex(@"((?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|account[_-]?key|sharedaccesskey|credential)[""']?\s*[=:]\s*[""']?)[^\s;,&""']+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Secret();

    // Two folders at least, and none that follows a URL's authority, so that "and/or" and addresses of pages stay.
    [GeneratedRegex(@"(?<![\w/:.*])/(?:[\w.\-+@ ]+/){1,}(?=[\w.\-+]+)", RegexOptions.CultureInvariant)]
    private static partial Regex UnixFolder();

    [GeneratedRegex(@"\b[a-z]:(?:\\{1,2}[\w.\-+@ ]+)*\\{1,2}(?=[\w.\-+]+)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex WindowsFolder();

    [GeneratedRegex(@"\b((?:amqps?|rediss?(?:\+sentinel)?|postgres(?:ql)?))://[^\s""'<>]+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Url();

    [GeneratedRegex(@"\b(?:\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?|(?:[\w\-]+\.)*[a-z][\w\-]*:\d{4,5})\b|\[[0-9a-f:]+\]:\d{1,5}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex EndPoint();
}
