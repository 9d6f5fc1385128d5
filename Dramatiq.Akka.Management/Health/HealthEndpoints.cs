using Dramatiq.Akka.Management.Api;
using Dramatiq.Akka.Management.Hosting;
using Dramatiq.Akka.Management.Security;
using Microsoft.AspNetCore.Http;

namespace Dramatiq.Akka.Management.Health;

/// <summary>For whatever keeps processes running: 200 or 503. It need show no token, and learns no reason then.</summary>
internal static class HealthEndpoints
{
    public static void Map(GuardedRoutes routes)
    {
        routes.MapOpen("health/live", static async (context, site) => await WriteAsync(context, site, await site.Health.LiveAsync(context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false));
        routes.MapOpen("health/ready", static async (context, site) => await WriteAsync(context, site, await site.Health.ReadyAsync(context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false));
    }

    private static Task WriteAsync(HttpContext context, ManagementSite site, HealthReport report)
    {
        context.Response.StatusCode = report.IsGood ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return Answers.WriteAsync(context, site.AccessOf(context) is Access.None ? report with { Problems = [] } : report);
    }
}
