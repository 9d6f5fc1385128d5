using System.Net;
using Microsoft.AspNetCore.Http;

namespace Dramatiq.Akka.Management.Security;

/// <summary>Tells whether a request was really made on this machine, by somebody who meant to.</summary>
/// <remarks>
/// The address of the connection alone does not tell: a page from anywhere can have its own name resolve to 127.0.0.1 (then the Host header shows that name), and a proxy on
/// this machine connects from here for all the world (then it usually says so in a header, which nobody else has a reason to send).
/// </remarks>
internal static class Loopback
{
    private static readonly string[] ForwardingHeaders =
        ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Server", "X-Original-For", "X-Original-Host", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP"];

    public static bool Made(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote) && Names(context.Request.Host) && !WasForwarded(context.Request.Headers);

    /// <summary>Whether a Host header names this machine by what only it itself resolves.</summary>
    public static bool Names(HostString host) =>
        string.Equals(host.Host, "localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static bool WasForwarded(IHeaderDictionary headers)
    {
        foreach (var name in ForwardingHeaders)
            if (headers.ContainsKey(name))
                return true;
        return false;
    }
}
