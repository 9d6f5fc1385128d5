using Akka.Event;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Management.Api;
using Dramatiq.Akka.Management.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dramatiq.Akka.Management.Hosting;

/// <summary>Maps addresses so that nothing is answered that the gate has not let through, and no error leaves as it is.</summary>
/// <param name="group">Where to map.</param>
/// <param name="site">Made when first asked for.</param>
internal sealed class GuardedRoutes(IEndpointRouteBuilder group, Func<ManagementSite> site)
{
    public IEndpointRouteBuilder Group => group;

    public Func<ManagementSite> Site => site;

    /// <summary>What programs ask.</summary>
    public void MapApi(string method, string path, Access needed, Func<HttpContext, ManagementSite, Task> handler) =>
        group.MapMethods(path, [method], context => ApiAsync(context, needed, handler));

    /// <summary>What needs no permission, not even where the application asks for one, and therefore tells next to nothing.</summary>
    public void MapOpen(string path, Func<HttpContext, ManagementSite, Task> handler) => group.MapMethods(path, ["GET"], context => ApiAsync(context, Access.None, handler)).AllowAnonymous();

    private async Task ApiAsync(HttpContext context, Access needed, Func<HttpContext, ManagementSite, Task> handler)
    {
        SecurityHeaders.Set(context.Response);
        var here = site();
        try
        {
            var isChange = !HttpMethods.IsGet(context.Request.Method);
            var access = await here.Gate.AccessOfAsync(context).ConfigureAwait(false);
            here.Allow(context, access);
            if (access is Access.None && needed is not Access.None)
                await Refusals.LookAsync(context, here).ConfigureAwait(false);
            else if (needed is not Access.None && !(isChange ? SameOrigin.MayChange(context.Request) : SameOrigin.MayRead(context.Request)))
                await Refusals.OriginAsync(context).ConfigureAwait(false);
            else if (access < needed)
                await Refusals.OrderAsync(context, here).ConfigureAwait(false);
            else if (isChange && context.Request.ContentLength is > 0 && !context.Request.HasJsonContentType())
                await Problems.WriteAsync(context, StatusCodes.Status415UnsupportedMediaType, "unsupportedMediaType", "Send the parameters as application/json.").ConfigureAwait(false);
            else
                await handler(context, here).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Whoever asked is gone.
        }
        catch (InspectionException refused) when (refused.Failure is not InspectionFailure.Internal && !context.Response.HasStarted)
        {
            await Problems.WriteAsync(context, refused).ConfigureAwait(false);
        }
        catch (BadHttpRequestException wrong) when (!context.Response.HasStarted)
        {
            await Problems.WriteAsync(context, wrong.StatusCode, "badRequest", "The request could not be read.").ConfigureAwait(false);
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            here.Log.Error(error, "{0} {1} failed ({2}).", context.Request.Method, context.GetEndpoint()?.DisplayName ?? "", context.TraceIdentifier);
            await Problems.WriteAsync(context, StatusCodes.Status500InternalServerError, "internal", $"Something went wrong here; the log of the process has it under {context.TraceIdentifier}.").ConfigureAwait(false);
        }
    }
}
