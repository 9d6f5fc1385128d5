using Akka.Event;
using Dramatiq.Akka.Inspection;
using Dramatiq.Akka.Management.Dashboard.Pages;
using Dramatiq.Akka.Management.Hosting;
using Dramatiq.Akka.Management.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Dramatiq.Akka.Management.Dashboard;

/// <summary>Maps pages: what <see cref="GuardedRoutes"/> does for programs, for people. A refusal is a page too.</summary>
internal sealed class PageRoutes(GuardedRoutes routes)
{
    public void Map(string method, string path, Access needed, Func<PageRequest, Task<Page?>> show)
    {
        var depth = path.Length == 0 ? 0 : path.Count(static character => character == '/') + 1;
        routes.Group.MapMethods(path, [method], context => AnswerAsync(new PageRequest(context, routes.Site(), Root(context.Request, depth)), needed, show));
    }

    private static async Task AnswerAsync(PageRequest request, Access needed, Func<PageRequest, Task<Page?>> show)
    {
        var context = request.Context;
        SecurityHeaders.Set(context.Response);
        try
        {
            if (await PageAsync(request, needed, show).ConfigureAwait(false) is { } page)
                await WriteAsync(request, page).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Whoever asked is gone.
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            request.Site.Log.Error(error, "{0} {1} failed ({2}).", context.Request.Method, context.GetEndpoint()?.DisplayName ?? "", context.TraceIdentifier);
            await WriteAsync(request, FailureView.Of(request, StatusCodes.Status500InternalServerError, "Something went wrong here", $"The log of the process has it under {context.TraceIdentifier}.")).ConfigureAwait(false);
        }
    }

    private static async Task<Page?> PageAsync(PageRequest request, Access needed, Func<PageRequest, Task<Page?>> show)
    {
        var (context, site) = (request.Context, request.Site);
        var access = await site.Gate.AccessOfAsync(context).ConfigureAwait(false);
        site.Allow(context, access);
        if (access is Access.None && needed is not Access.None)
            return site.Gate.TakesTokens ? SignInView.Ask(request, wasWrong: false) : Forbidden(request, Refusals.Locked);

        var isPost = HttpMethods.IsPost(context.Request.Method);
        if (!(isPost ? SameOrigin.MayChange(context.Request) : SameOrigin.MayRead(context.Request)))
            return Forbidden(request, Refusals.OtherOrigin);
        if (access < needed)
            return Forbidden(request, site.Settings.IsReadOnly ? Refusals.ReadOnly : Refusals.NoOrders);

        try
        {
            if (isPost && (!context.Request.HasFormContentType || !await site.Forms.IsOwnAsync(context).ConfigureAwait(false)))
                return FailureView.Of(request, StatusCodes.Status400BadRequest, "This form is too old", "It was not made by this dashboard, or by a process that is gone. Go back, load the page again, and repeat what you did.");
            return await show(request).ConfigureAwait(false);
        }
        catch (InspectionException refused) when (refused.Failure is not InspectionFailure.Internal)
        {
            return FailureView.Of(request, refused);
        }
    }

    private static Page Forbidden(PageRequest request, string text) => FailureView.Of(request, StatusCodes.Status403Forbidden, "Not allowed", text);

    private static async Task WriteAsync(PageRequest request, Page page)
    {
        var response = request.Context.Response;
        response.StatusCode = page.Status;
        response.ContentType = "text/html; charset=utf-8";
        await response.WriteAsync(Layout.Write(request, page, await NodeAsync(request).ConfigureAwait(false)), request.Context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>A page without it is better than none.</summary>
    private static async Task<NodeReport?> NodeAsync(PageRequest request)
    {
        if (request.Site.AccessOf(request.Context) is Access.None)
            return null;

        try
        {
            return await request.AskAsync(new GetNode()).ConfigureAwait(false);
        }
        catch (InspectionException)
        {
            return null;
        }
    }

    /// <summary>The path of the request less that of the page: wherever an application has put us, beneath whatever groups.</summary>
    private static string Root(HttpRequest request, int depth)
    {
        var path = request.Path.Value!.TrimEnd('/');
        for (; depth > 0; depth--)
            path = path[..path.LastIndexOf('/')];
        return request.PathBase.Add(path).ToUriComponent();
    }
}
