using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Dramatiq.Akka.Management.Security;

/// <summary>Tells whether a browser sent a request on behalf of another site. What is no browser sends neither header, and is let through: it holds nobody's cookies.</summary>
internal static class SameOrigin
{
    private const string FetchSite = "Sec-Fetch-Site";
    private const string FetchMode = "Sec-Fetch-Mode";

    /// <summary>For what changes something: nothing but the site's own pages, or no browser at all.</summary>
    public static bool MayChange(HttpRequest request) => request.Headers[FetchSite].ToString() switch
    {
        "same-origin" => true,
        // A form that somebody opened by hand, from the address line: there is no other site behind it.
        "" or "none" => OriginFits(request),
        _ => false,
    };

    /// <summary>For what only shows something: links from elsewhere may lead to a page, and scripts from elsewhere may read nothing.</summary>
    public static bool MayRead(HttpRequest request) =>
        request.Headers[FetchMode] == "navigate" || (request.Headers[FetchSite].ToString() is "" or "none" or "same-origin" && OriginFits(request));

    /// <summary>The scheme is left out of it: a proxy that ends TLS has it changed on the way.</summary>
    private static bool OriginFits(HttpRequest request)
    {
        var origin = request.Headers[HeaderNames.Origin].ToString();
        if (origin.Length == 0)
            return true;
        if (!Uri.TryCreate(origin, UriKind.Absolute, out var from))
            return false;

        var port = request.Host.Port ?? (from.Scheme == Uri.UriSchemeHttps ? 443 : 80);
        return from.Port == port && string.Equals(from.Host, request.Host.Host, StringComparison.OrdinalIgnoreCase);
    }
}
