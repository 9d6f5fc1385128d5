using Dramatiq.Akka.Management.Dashboard.Pages;
using Dramatiq.Akka.Management.Hosting;
using Dramatiq.Akka.Management.Security;
using Microsoft.AspNetCore.Http;

namespace Dramatiq.Akka.Management.Dashboard;

/// <summary>The pages, and what their forms are sent to.</summary>
internal static class DashboardEndpoints
{
    public static void Map(GuardedRoutes routes)
    {
        var pages = new PageRoutes(routes);
        pages.Map("GET", "", Access.Read, OverviewView.ShowAsync);
        pages.Map("GET", "queues/{queue}", Access.Read, QueueView.ShowAsync);
        pages.Map("GET", "message", Access.Read, MessageView.ShowAsync);
        pages.Map("GET", "dead", Access.Read, DeadView.ShowAsync);
        pages.Map("GET", "workers", Access.Read, WorkersView.ShowAsync);
        pages.Map("GET", "actors", Access.Read, ActorsView.ShowAsync);
        pages.Map("POST", "orders", Access.Order, OrderEndpoint.PostAsync);
        pages.Map("POST", "sign-in", Access.None, SignInAsync);
        pages.Map("POST", "sign-out", Access.None, SignOutAsync);
        Assets.Map(routes);
    }

    private static async Task<Page?> SignInAsync(PageRequest request)
    {
        var form = await request.Context.Request.ReadFormAsync(request.Context.RequestAborted).ConfigureAwait(false);
        var tokens = request.Site.Gate.Tokens;
        var access = tokens.AccessOf(form["token"].ToString().Trim());
        if (access is Access.None)
            return SignInView.Ask(request, wasWrong: true);

        var (session, expires) = tokens.Session(access);
        request.Context.Response.Cookies.Append(Tokens.Cookie(request.Context.Request), session, Cookie(request, expires));
        return Leads(request);
    }

    private static Task<Page?> SignOutAsync(PageRequest request)
    {
        request.Context.Response.Cookies.Delete(Tokens.Cookie(request.Context.Request), Cookie(request, null));
        return Task.FromResult(Leads(request));
    }

    private static Page? Leads(PageRequest request)
    {
        request.Context.Response.StatusCode = StatusCodes.Status303SeeOther;
        request.Context.Response.Headers.Location = request.Link("");
        return null;
    }

    private static CookieOptions Cookie(PageRequest request, DateTimeOffset? expires) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = request.Context.Request.IsHttps,
        Path = request.Root.Length == 0 ? "/" : request.Root,
        Expires = expires,
        IsEssential = true,
    };
}
