using System.Text.RegularExpressions;

namespace Dramatiq.Akka.Management.Security;

/// <summary>
/// Takes out of errors what is nobody's business: passwords in URLs and connection strings, credentials in headers, and folders of files. A client of a broker says in its errors what it
/// connects to, and so does a handler; arguments are left alone, since they are what one looks for.
/// </summary>
internal static class Redaction
{
    /// <summary>An error that is longer is cut: whoever writes one must not decide how long everybody's page takes.</summary>
    private const int Most = 32 * 1024;

    private const int LongestWord = 4 * 1024;

    private static readonly Regex UserInfo = Linear(@"([a-z][a-z0-9+.\-]*://)[^\s/@""'<>]*@", RegexOptions.IgnoreCase);

    // A capital, or "basic ideas" would lose the ideas.
    private static readonly Regex Credentials = Linear(@"\b(Basic|BASIC|[Bb]earer|BEARER)\s+[^\s,;""']+");

    private static readonly Regex Secret = Linear(
        @"((?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|account[_-]?key|sharedaccesskey|credential)[""']?\s*[=:]\s*[""']?)[^\s;,&""']+", RegexOptions.IgnoreCase);

    // None that follows a URL's authority, so that "and/or" and addresses of pages stay; and what a request asks for is no folder.
    private static readonly Regex UnixFolder = Linear(
        @"(?<request>\b(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE)\s+/\S*)|(?<before>^|[^\w/:.*])/(?:[\w.\-+@]+(?: +[\w.\-+@]+)*/)+(?<name>[\w.\-+])");

    private static readonly Regex WindowsFolder = Linear(@"\b[a-z]:(?:\\{1,2}[\w.\-+@ ]+)*\\{1,2}([\w.\-+])", RegexOptions.IgnoreCase);

    private static readonly Regex Url = Linear(@"\b((?:amqps?|rediss?(?:\+sentinel)?|postgres(?:ql)?))://[^\s""'<>]+", RegexOptions.IgnoreCase);

    private static readonly Regex EndPoint = Linear(
        @"\b(?:\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?|(?:[\w\-]+\.)*[a-z][\w\-]*:\d{4,5})\b|\[[0-9a-f:]+\]:\d{1,5}", RegexOptions.IgnoreCase);

    /// <summary>What an error says, without secrets and folders. The names of files and their lines stay: a stack is of no use without.</summary>
    public static string? Of(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return text;

        text = Credentials.Replace(Cut(text), "$1 ***");
        text = UserInfo.Replace(text, "$1***@");
        text = Secret.Replace(text, "$1***");
        text = WindowsFolder.Replace(text, "$1");
        return UnixFolder.Replace(text, "${request}${before}${name}");
    }

    /// <summary>What a broker's error says, without where the broker is as well.</summary>
    public static string? OfBroker(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return text;

        text = Url.Replace(Cut(text), "$1://***");
        text = EndPoint.Replace(text, "***");
        return Of(text);
    }

    /// <summary>Between words, since half of a URL does not show that it holds a password.</summary>
    private static string Cut(string text)
    {
        if (text.Length <= Most)
            return text;

        var end = text.AsSpan(0, Most).LastIndexOfAny(' ', '\n', '\t');
        return string.Concat(text.AsSpan(0, end > Most - LongestWord ? end : Most), " …");
    }

    /// <summary>An engine whose time grows with the text and no faster, whatever stands in it.</summary>
    private static Regex Linear(string pattern, RegexOptions options = RegexOptions.None) => new(pattern, options | RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
}
