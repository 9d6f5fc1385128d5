using Dramatiq.Akka.Management.Api;
using Dramatiq.Akka.Management.Hosting;
using Microsoft.AspNetCore.Http;

namespace Dramatiq.Akka.Management.Security;

/// <summary>What is told to whoever may not: enough to know what to do, and nothing of what is behind.</summary>
internal static class Refusals
{
    public const string Locked = "Only this machine may look. To open it to others, set dramatiq.management.token, or give MapDramatiq an authorization policy (RequireAuthorization).";
    public const string NoOrders = "You may look, and not order: that needs the order token or the order policy.";
    public const string ReadOnly = "This management is read-only (dramatiq.management.read-only).";
    public const string OtherOrigin = "The request comes from another site.";

    public static Task LookAsync(HttpContext context, ManagementSite site)
    {
        if (!site.Gate.TakesTokens)
            return Problems.WriteAsync(context, StatusCodes.Status403Forbidden, "forbidden", Locked);

        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"dramatiq\"";
        return Problems.WriteAsync(context, StatusCodes.Status401Unauthorized, "unauthorized", "Show a token: Authorization: Bearer …");
    }

    public static Task OrderAsync(HttpContext context, ManagementSite site) =>
        Problems.WriteAsync(context, StatusCodes.Status403Forbidden, "forbidden", site.Settings.IsReadOnly ? ReadOnly : NoOrders);

    public static Task OriginAsync(HttpContext context) => Problems.WriteAsync(context, StatusCodes.Status403Forbidden, "otherOrigin", OtherOrigin);
}
