using Microsoft.AspNetCore.Http;

namespace Dramatiq.Akka.Management.Security;

/// <summary>Names of cookies. Browsers send a cookie to every port of its host, so the port is in the name: each of several processes on one machine has its own.</summary>
internal static class SiteCookies
{
    /// <summary>The port is the one that the browser sees: processes behind one address share their cookies.</summary>
    public static string Name(string name, HttpRequest request) => request.Host.Port is { } port ? FormattableString.Invariant($"{name}-{port}") : name;
}
